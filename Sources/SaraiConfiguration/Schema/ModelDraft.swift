import SaraiCore

/// A model's values as they are read, before they are checked against each other. Holds the defaults.
struct ModelDraft: Sendable {
    /// What serves a model when its servers do not.
    enum Fallback: String, CaseIterable, Sendable {
        case local = "gguf_native"
        case none
    }

    var role = ModelConfiguration.Role.general
    var backend: TargetKind?
    var model: String?
    var servers: [ServerURL]?
    var apiKey: Secret?
    var capacity = 4
    var fallback = Fallback.none
    var gguf: String?
    var mmproj: String?
    var contextLength: Int?
    var minContextLength: Int?
    var slots: Int?
    var minSlots: Int?
    var loadMode = LoadModeChoice.auto
    var kvTypes = [KVType.f16, .q8]
    var microBatch: Int?
    var threads: Int?
    var isSameModel = false
    var isResident = false
    var isPinned = false
    var onFull: OnFull?
    var keepAlive: KeepAlive?
    var isBestEffort = false
    var prefersHTTP = true

    /// Fills in the defaults that depend on other values.
    mutating func applyDefaults(name: ModelName) {
        // An embedding is made in one step, and the engine keeps a row of scores as long as the vocabulary for each token
        // of it: EmbeddingGemma takes 0.9 GiB with 512 tokens and 2.3 GiB with 2048.
        minContextLength = minContextLength ?? contextLength ?? (role == .embedding ? 512 : 2048)
        contextLength = contextLength ?? (role == .embedding ? 512 : 4096)
        minSlots = minSlots ?? slots ?? 1
        slots = slots ?? (role == .embedding ? 4 : 1)
        if hasRemote {
            model = model ?? name.rawValue
        }
        if apiKey?.value.isEmpty == true {
            apiKey = nil
        }
    }

    /// Whether the model is meant to have a remote target.
    var hasRemote: Bool {
        backend.map { !$0.isLocal } ?? false
    }

    /// Whether the model is meant to have a local target.
    var hasLocal: Bool {
        backend?.isLocal == true || fallback == .local
    }

    /// The targets, in order of preference.
    func targets(of name: ModelName) -> [TargetConfiguration] {
        var remote: [TargetConfiguration] = []
        if let backend, !backend.isLocal {
            remote = (servers ?? []).map { server in
                .remote(
                    RemoteTargetConfiguration(
                        id: TargetID(model: name, kind: backend, server: server.authority), url: server.text,
                        model: model ?? name.rawValue, apiKey: apiKey, capacity: capacity))
            }
        }
        guard hasLocal, let gguf else {
            return remote
        }
        let local = TargetConfiguration.local(
            LocalTargetConfiguration(
                id: TargetID(model: name, kind: .gguf), gguf: gguf, mmproj: mmproj,
                contextLength: contextLength ?? 4096, minContextLength: minContextLength ?? 4096, slots: slots ?? 1,
                minSlots: minSlots ?? 1, loadMode: loadMode, kvTypes: kvTypes, microBatch: microBatch,
                threads: threads, isEmbedding: role == .embedding))
        return prefersHTTP ? remote + [local] : [local] + remote
    }
}
