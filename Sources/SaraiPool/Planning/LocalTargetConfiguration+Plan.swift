package import SaraiConfiguration
package import SaraiMemory

extension LocalTargetConfiguration {
    /// How the target is loaded if memory allows. Load mode and cache type are the preferred ones.
    var wantedSettings: LoadSettings {
        guard whisper == nil else {
            return .speech
        }
        return LoadSettings(
            contextLength: contextLength, slots: slots, isEmbedding: isEmbedding,
            microBatch: microBatch.map { isEmbedding ? max($0, contextLength) : $0 },
            loadMode: loadModes.first ?? .mapped, cacheType: kvTypes.first?.cacheType ?? .f16)
    }

    /// The same with another load mode. A load mode's speed is measured with these settings, and is looked up under them.
    package func wantedSettings(_ mode: LoadSettings.LoadMode) -> LoadSettings {
        var settings = wantedSettings
        settings.loadMode = mode
        return settings
    }

    /// The load modes that a plan chooses from, the preferred one first.
    package static let loadModes = [LoadSettings.LoadMode.mapped, .repacked]

    /// How far a plan may go from there.
    var allowance: LocalCandidate.Allowance {
        guard whisper == nil else {
            return LocalCandidate.Allowance(only: .speech)
        }
        return LocalCandidate.Allowance(
            loadModes: loadModes, cacheTypes: kvTypes.map(\.cacheType),
            minContextLength: min(minContextLength, contextLength), minSlots: min(minSlots, slots),
            minMicroBatch: microBatch ?? Self.smallestStep)
    }

    /// Tokens per step below which hardly any memory is saved.
    private static let smallestStep = 128

    private var loadModes: [LoadSettings.LoadMode] {
        switch loadMode {
        // What other machines hold is nothing that could be rearranged here.
        case .auto: rpc.isEmpty ? Self.loadModes : [.mapped]
        case .mapped: [.mapped]
        case .repacked: [.repacked]
        }
    }
}

extension KVType {
    /// The type as the engine's settings have it.
    var cacheType: LoadSettings.CacheType {
        switch self {
        case .f16: .f16
        case .q8: .q8
        case .q4: .q4
        }
    }
}
