public import SaraiCore

/// A validated configuration: every value parsed, every reference resolved.
///
/// Made by ``ConfigurationLoader`` from the file, `.env`, the environment and the command line.
public struct Configuration: Hashable, Sendable {
    /// The models, in the order of the file.
    public var models: [ModelConfiguration]
    /// The memory budget and its policy.
    public var memory: MemoryConfiguration
    /// The HTTP server.
    public var server: ServerConfiguration
    /// How long things may take.
    public var timeouts: TimeoutConfiguration
    /// The local engine.
    public var engine: EngineConfiguration
}

/// One model and the ways to serve it.
public struct ModelConfiguration: Hashable, Sendable {
    /// What a model is for. Roles decide defaults, never abilities.
    public enum Role: String, Sendable, CaseIterable {
        case expert, small, omni, embedding, general
    }

    /// The name that clients use.
    public var name: ModelName
    /// What the model is for.
    public var role: Role
    /// The ways to serve it, in order of preference. Never empty.
    public var targets: [TargetConfiguration]
    /// Whether it is loaded at start and counted as always there.
    public var isResident: Bool
    /// Whether the local twin may be left out of the plan when it does not fit.
    public var isBestEffort: Bool
    /// Whether remote and local targets are the same weights, so that one may continue the other's answer.
    public var isSameModel: Bool
}

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
    /// Requests at the same time at most.
    public var capacity: Int
}

/// A GGUF file on this machine.
public struct LocalTargetConfiguration: Hashable, Sendable {
    /// The target's identity.
    public var id: TargetID
    /// Absolute path of the model's file.
    public var gguf: String
    /// Absolute path of the multimodal projector's file.
    public var mmproj: String?
    /// Tokens of context per slot.
    public var contextLength: Int
    /// Requests at the same time.
    public var slots: Int
    /// Threads that one generation uses; `nil` is the cores that the process may use.
    public var threads: Int?
    /// Whether the file serves embeddings rather than text.
    public var isEmbedding: Bool
}

/// The memory budget and its policy.
public struct MemoryConfiguration: Hashable, Sendable {
    /// What all models together may use.
    public var budget: MemorySize
    /// Text models loaded on this machine at the same time, at most. Embedding models do not count.
    public var maxConcurrentLLMs = 3
    /// What happens to loaded models.
    public var strategy = Strategy.hybrid

    /// What happens to loaded models.
    public enum Strategy: String, Sendable, CaseIterable {
        /// Loaded models stay; what does not fit beside them is refused.
        case hybrid = "hybrid_http_gguf"
    }
}

/// The HTTP server.
public struct ServerConfiguration: Hashable, Sendable {
    /// Where to listen: `127.0.0.1:11435` or `unix:/path`.
    public var listen = ListenAddress.tcp(host: "127.0.0.1", port: ListenAddress.defaultPort)
    /// Bytes of a request body without media, at most.
    public var maxBody = MemorySize.mebibytes(4)
    /// Bytes of a request body with media, at most.
    public var maxMediaBody = MemorySize.mebibytes(32)
    /// Requests that wait for one model, at most.
    public var maxQueue = 64
    /// Hosts that a `Host` header may name besides the loopback names.
    public var allowedHosts: [String] = []
}

/// Where a server listens.
public enum ListenAddress: Hashable, Sendable {
    case tcp(host: String, port: Int)
    case unix(path: String)
}

/// How long things may take.
public struct TimeoutConfiguration: Hashable, Sendable {
    /// Connecting to a server.
    public var connect = Duration.seconds(1)
    /// From the request to the first token.
    public var firstToken = Duration.seconds(120)
    /// Between two tokens.
    public var stall = Duration.seconds(30)
    /// Loading a model, from start of the worker to ready.
    public var load = Duration.seconds(300)
    /// Waiting for a slot or a load.
    public var queue = Duration.seconds(60)
    /// Between two health checks of a server.
    public var healthInterval = Duration.seconds(2)
    /// Running answers get this long to finish when the daemon stops.
    public var drain = Duration.seconds(30)
}

/// The local engine.
public struct EngineConfiguration: Hashable, Sendable {
    /// Path of `llama-server`; `nil` looks under the data folder, then on `PATH`.
    public var llamaServer: String?
}

/// A text that never shows itself in logs, errors or `config show`.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The text itself; read it only where it is sent.
    public let value: String

    /// Hides a text.
    public init(_ value: String) {
        self.value = value
    }

    public var description: String { "•••" }
    public var debugDescription: String { "•••" }
}
