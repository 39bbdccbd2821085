package import SaraiCore

/// A change that makes a plan smaller, computed: how much it saves, and whether that is enough.
package struct WayOut: Hashable, Sendable {
    /// What kind of change, the one that costs the user least first.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Smaller settings than the configuration allows.
        case settings
        /// A model whose server answers is loaded only where there is room.
        case bestEffort = "best_effort"
        /// A larger budget, where the machine has it.
        case budget
        /// More text models at the same time.
        case concurrency
        /// A model that reads text only.
        case projector
        /// A model that another machine serves.
        case server
        /// A model less.
        case without
    }

    /// One value of the configuration.
    package struct Change: Hashable, Sendable {
        /// The model that it is about; `nil` of one that is about all.
        package let model: ModelName?
        /// The key under the model, or its whole path: `kv_types`, `memory.max_ram_gb`.
        package let key: String
        /// The value to add or to set; `nil` where the key is to be taken out, or its value is the user's to say.
        package let value: String?
    }

    /// What kind of change.
    package let kind: Kind
    /// What to change, all of it.
    package let changes: [Change]
    /// Memory that it saves.
    package let saves: MemorySize
    /// Whether everything fits then.
    package let suffices: Bool
    /// The change in words.
    package let text: String
}

extension WayOut {
    /// All ways out of a plan that does not fit, those that suffice first, then by what they cost the user.
    ///
    /// - Parameters:
    ///   - reduction: the plan, with everything as small as the configuration allows.
    ///   - limits: what it does not keep to.
    /// - Returns: each change with what it saves; also those that do not suffice.
    static func all(from reduction: PlanReduction, limits: PlanLimits) -> [WayOut] {
        let finder = WayOutFinder(reduction: reduction, limits: limits)
        let ways = finder.settingWays + finder.modelWays + finder.limitWays
        return ways.enumerated().sorted { a, b in
            a.element.key(a.offset).lexicographicallyPrecedes(b.element.key(b.offset))
        }.map(\.element)
    }

    /// Sorts ways out: of those that suffice the smallest change first, of the others the largest. Settings come in the
    /// order in which they are found, which is that of what users miss least.
    private func key(_ index: Int) -> [Int] {
        let rank = Kind.allCases.firstIndex(of: kind) ?? 0
        return suffices ? [0, rank, kind == .settings ? 0 : saves.bytes, index] : [1, -saves.bytes, rank, index]
    }
}
