public import SaraiCore

/// One way to serve a model.
public enum TargetConfiguration: Hashable, Sendable {
    case remote(RemoteTargetConfiguration)
    case local(LocalTargetConfiguration)

    /// The target's identity.
    public var id: TargetID {
        switch self {
        case .remote(let target): target.id
        case .local(let target): target.id
        }
    }

    /// The target's place in the order of preference, from 0. Requests are balanced among the targets of one tier.
    public var tier: Int {
        switch self {
        case .remote(let target): target.tier
        case .local(let target): target.tier
        }
    }

    /// Whether the target may continue an answer of every other target of the model for which this is true, and be
    /// continued by it. Targets of one tier may always continue each other.
    public var isSameModel: Bool {
        switch self {
        case .remote(let target): target.isSameModel
        case .local(let target): target.isSameModel
        }
    }
}

/// A model on a server of the network.
public struct RemoteTargetConfiguration: Hashable, Sendable {
    /// The target's identity; its kind says which API the server speaks.
    public var id: TargetID
    /// The server's base URL, `http` or `https`, without a trailing slash.
    public var url: String
    /// The model's name on that server.
    public var model: String
    /// Sent as a bearer token. Never logged.
    public var apiKey: Secret?
    /// Absolute path of the certificates, as PEM, that may vouch for an `https` server; `nil` for the machine's.
    public var authorities: String?
    /// Requests at the same time at most.
    public var capacity: Int
    /// The target's place in the order of preference, from 0; servers of one entry of the configuration share it.
    public var tier: Int
    /// See ``TargetConfiguration/isSameModel``.
    public var isSameModel: Bool
}

/// A model on this machine.
public struct LocalTargetConfiguration: Hashable, Sendable {
    /// The target's identity.
    public var id: TargetID
    /// What it is, and with that what runs it.
    public var model: LocalModel
    /// Where its files come from while they are not there; `nil` if nobody has told.
    public var source: ModelSource?
    /// Tokens of context per slot, if memory allows.
    public var contextLength: Int
    /// Tokens of context per slot that it must have at least; the plan chooses between.
    public var minContextLength: Int
    /// Requests at the same time, if memory allows.
    public var slots: Int
    /// Requests at the same time that it must take at least; the plan chooses between.
    public var minSlots: Int
    /// How the weights come into memory.
    public var loadMode: LoadModeChoice
    /// The types in which keys and values may be stored, the preferred one first. Never empty.
    public var kvTypes: [KVType]
    /// Tokens that the engine evaluates in one step; `nil` leaves it to the plan.
    public var microBatch: Int?
    /// Threads that one generation uses; `nil` is the cores that the process may use.
    public var threads: Int?
    /// The absolute path of a file with the chat template that takes the place of the GGUF file's own.
    public var chatTemplate: String?
    /// Servers of llama.cpp (`HOST:PORT`) that hold and compute the model's layers; usually none.
    public var rpc: [String] = []
    /// Whether a GGUF file serves embeddings, or scores, rather than text: it reads a whole text in one step.
    public var isEmbedding: Bool
    /// Whether it judges documents, and serves nothing else.
    public var isReranker = false
    /// The target's place in the order of preference, from 0; no other target shares it.
    public var tier: Int
    /// See ``TargetConfiguration/isSameModel``.
    public var isSameModel: Bool
}

/// What a local model is.
public enum LocalModel: Hashable, Sendable {
    /// The absolute path of a GGUF file, and perhaps that of its multimodal projector's file. llama-server runs it.
    case gguf(String, mmproj: String?)
    /// The absolute path of the folder of a Whisper model in CTranslate2's format. faster-whisper runs it: one sound at a
    /// time, with the settings that are part of the model.
    case whisper(String)
}

extension LocalTargetConfiguration {
    /// Absolute path of the GGUF file; `nil` of a model that is none.
    public var gguf: String? {
        guard case .gguf(let path, _) = model else {
            return nil
        }
        return path
    }

    /// Absolute path of the multimodal projector's file.
    public var mmproj: String? {
        guard case .gguf(_, let mmproj) = model else {
            return nil
        }
        return mmproj
    }

    /// Absolute path of the folder of a Whisper model; `nil` of a model that is none.
    public var whisper: String? {
        guard case .whisper(let folder) = model else {
            return nil
        }
        return folder
    }

    /// The files that hold its weights.
    public var files: [String] {
        switch model {
        case .gguf(let path, let mmproj): [path] + (mmproj.map { [$0] } ?? [])
        case .whisper(let folder): [folder + "/model.bin"]
        }
    }

    /// Whether it is a text model: those are counted (`memory.max_concurrent_llms`).
    public var isLLM: Bool {
        whisper == nil && !isEmbedding
    }
}

/// How weights may come into memory.
public enum LoadModeChoice: String, Hashable, Sendable, CaseIterable {
    /// As the plan finds best.
    case auto
    /// Mapped from the file and used as they are.
    case mapped
    /// Read into private memory, in the layout that suits the processor best.
    case repacked
}

/// How keys and values of the context are stored.
public enum KVType: String, Hashable, Sendable, CaseIterable {
    case f16
    case q8 = "q8_0"
    case q4 = "q4_0"
}
