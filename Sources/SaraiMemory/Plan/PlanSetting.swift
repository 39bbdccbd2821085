/// A setting that a plan chooses, in the order in which users miss what it gives least.
package enum PlanSetting: String, CaseIterable, Hashable, Sendable, Comparable {
    /// How weights come into memory: changed only where that saves memory, which costs some speed.
    case loadMode = "load_mode"
    /// Tokens per step: fewer slow down the evaluation of long prompts, nothing else.
    case microBatch = "micro_batch"
    /// How keys and values are stored. `q8_0` is hardly to be told from `f16`.
    case cacheType = "kv_types"
    /// Requests at the same time: the others wait.
    case slots
    /// Tokens of context: longer conversations do not work at all.
    case contextLength = "context_length"

    package static func < (lhs: PlanSetting, rhs: PlanSetting) -> Bool {
        lhs.rank < rhs.rank
    }

    private var rank: Int {
        Self.allCases.firstIndex(of: self) ?? 0
    }

    /// The setting's value, as the configuration writes it.
    package func value(in settings: LoadSettings) -> String {
        switch self {
        case .loadMode: settings.loadMode.rawValue
        case .microBatch: "\(settings.microBatch)"
        case .cacheType: settings.cacheType.rawValue
        case .slots: "\(settings.slots)"
        case .contextLength: "\(settings.contextLength)"
        }
    }

    /// Takes the setting's value over from other settings.
    func copy(from source: LoadSettings, to settings: inout LoadSettings) {
        switch self {
        case .loadMode: settings.loadMode = source.loadMode
        case .microBatch: settings.microBatch = source.microBatch
        case .cacheType: settings.cacheType = source.cacheType
        case .slots: settings.slots = source.slots
        case .contextLength:
            settings.contextLength = source.contextLength
            // Most of what the context of an embedding model takes is the step that must hold it.
            settings.microBatch = settings.isEmbedding ? source.microBatch : settings.microBatch
        }
        if settings.isEmbedding {
            settings.microBatch = max(settings.microBatch, settings.contextLength)
        }
    }
}
