import SaraiCore

/// A model's values as they are read, before they are checked against each other. Holds the defaults.
struct ModelDraft: Sendable {
    /// What serves a model when its servers do not.
    enum Fallback: String, CaseIterable, Sendable {
        case gguf = "gguf_native"
        case whisper = "whisper_native"
        case none

        /// What serves it then; `nil` for nothing.
        var kind: TargetKind? {
            switch self {
            case .gguf: .gguf
            case .whisper: .whisper
            case .none: nil
            }
        }
    }

    var role = ModelConfiguration.Role.general
    /// The short form: one target, perhaps with servers, …
    var preferred = TargetDraft()
    /// … and perhaps the file as its twin.
    var fallback = Fallback.none
    var prefersHTTP = true
    /// The long form: any number of targets, in order of preference.
    var targets: [SectionReader<TargetDraft>.Result]?
    var gguf: String?
    var mmproj: String?
    var chatTemplate: String?
    var source: ModelSource?
    var whisper: String?
    var contextLength: Int?
    var minContextLength: Int?
    var slots: Int?
    var minSlots: Int?
    var loadMode = LoadModeChoice.auto
    var kvTypes = [KVType.f16, .q8]
    var microBatch: Int?
    var threads: Int?
    var rpc: [String] = []
    var isResident = false
    var isPinned = false
    var onFull: OnFull?
    var keepAlive: KeepAlive?
    var isBestEffort = false
    var isMatryoshka: Bool?

    /// Fills in the defaults that depend on other values.
    mutating func applyDefaults(name: ModelName) {
        // An embedding is made in one step, and the engine keeps a row of scores as long as the vocabulary for each token
        // of it: EmbeddingGemma takes 0.9 GiB with 512 tokens and 2.3 GiB with 2048.
        minContextLength = minContextLength ?? contextLength ?? (role.readsInOneStep ? 512 : 2048)
        contextLength = contextLength ?? (role.readsInOneStep ? 512 : 4096)
        minSlots = minSlots ?? slots ?? 1
        slots = slots ?? (role.readsInOneStep ? 4 : 1)
        if role == .speech {
            // Somebody speaks now and then; the models that answer need the memory more often.
            keepAlive = keepAlive ?? .limited(.seconds(300))
        }
        preferred.applyDefaults(name: name)
        for index in (targets ?? []).indices {
            targets?[index].draft.applyDefaults(name: name)
        }
    }
}
