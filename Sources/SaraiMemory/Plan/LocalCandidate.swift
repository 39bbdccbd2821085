import SaraiCore

/// The ways in which a plan may load one local target, and what each takes.
package struct LocalCandidate: Sendable {
    /// How far a plan may go.
    package struct Allowance: Hashable, Sendable {
        /// How weights may come into memory, the preferred way first. Never empty.
        package var loadModes: [LoadSettings.LoadMode]
        /// How keys and values may be stored, the preferred type first. Never empty.
        package var cacheTypes: [LoadSettings.CacheType]
        /// Tokens of context per slot, at least.
        package var minContextLength: Int
        /// Requests at the same time, at least.
        package var minSlots: Int
        /// Tokens per step, at least. A step of an embedding model holds its context besides.
        package var minMicroBatch: Int

        /// An allowance.
        package init(
            loadModes: [LoadSettings.LoadMode], cacheTypes: [LoadSettings.CacheType], minContextLength: Int,
            minSlots: Int, minMicroBatch: Int
        ) {
            self.loadModes = loadModes
            self.cacheTypes = cacheTypes
            self.minContextLength = minContextLength
            self.minSlots = minSlots
            self.minMicroBatch = minMicroBatch
        }

        /// Leaves a plan no choice.
        package init(only settings: LoadSettings) {
            self.init(
                loadModes: [settings.loadMode], cacheTypes: [settings.cacheType],
                minContextLength: settings.contextLength, minSlots: settings.slots,
                minMicroBatch: settings.microBatch)
        }
    }

    /// What is wanted if memory allows. Load mode and cache type are chosen from the allowance.
    package var wanted: LoadSettings
    /// How far a plan may go from there.
    package var allowance: Allowance
    /// Tokens per second that were measured while generating, by load mode; nothing where it never ran so.
    package var speeds: [LoadSettings.LoadMode: Double]
    /// What the target takes. Must be pure: a plan asks for the same settings again and again.
    package var footprint: @Sendable (LoadSettings) -> Footprint

    /// A candidate.
    package init(
        wanted: LoadSettings, allowance: Allowance, speeds: [LoadSettings.LoadMode: Double] = [:],
        footprint: @escaping @Sendable (LoadSettings) -> Footprint
    ) {
        self.wanted = wanted
        self.allowance = allowance
        self.speeds = speeds
        self.footprint = footprint
    }

    /// The settings that are best for the user, whatever they take.
    ///
    /// The preferred load mode gives way to one that was measured to generate clearly faster than mapped weights. Without
    /// a measurement mapped ones are preferred: their pages can be shared and given back, and load in a fraction of the time.
    package var best: LoadSettings {
        var settings = wanted
        settings.cacheType = allowance.cacheTypes.first ?? wanted.cacheType
        settings.loadMode = allowance.loadModes.first ?? wanted.loadMode
        if let fast = allowance.loadModes.first(where: isWorthCopying) {
            settings.loadMode = fast
        }
        return settings
    }

    /// By how much another load mode must be faster than mapped weights to be worth private memory: run to run, the speed
    /// of one and the same mode varies by less.
    static let worthwhileGain = 1.05

    private func isWorthCopying(_ mode: LoadSettings.LoadMode) -> Bool {
        guard let speed = speeds[mode], let mapped = speeds[.mapped] else {
            return false
        }
        return mode != .mapped && speed >= mapped * Self.worthwhileGain
    }

    /// What the target takes, all kinds.
    func size(_ settings: LoadSettings) -> MemorySize {
        footprint(settings).resident
    }
}
