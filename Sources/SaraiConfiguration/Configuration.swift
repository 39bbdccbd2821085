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
    /// When a server is left alone, and how it comes back.
    public var failover: FailoverConfiguration
    /// The local engine.
    public var engine: EngineConfiguration
    /// What the daemon writes down.
    public var log: LogConfiguration
    /// The router of requests to models and pipelines.
    public var router: RouterConfiguration
    /// Searching the web.
    public var search: SearchConfiguration
    /// Where models come from.
    public var hub: HubConfiguration
    /// The pipelines: those that come with Sarai, then the file's own.
    public var pipelines: [PipelineConfiguration]
}

/// One model and the ways to serve it.
public struct ModelConfiguration: Hashable, Sendable {
    /// What a model is for. Roles decide defaults, never abilities.
    public enum Role: String, Sendable, CaseIterable {
        case expert, small, omni, embedding, reranker, speech, general

        /// Whether a model of this role reads each text as a whole, in one step, and writes none.
        public var readsInOneStep: Bool { self == .embedding || self == .reranker }
    }

    /// The name that clients use.
    public var name: ModelName
    /// What the model is for.
    public var role: Role
    /// The ways to serve it, in order of preference. Never empty.
    public var targets: [TargetConfiguration]
    /// Whether it is loaded at start and counted as always there.
    public var isResident: Bool
    /// Whether it is never unloaded to make room for another model. Resident models never are.
    public var isPinned: Bool
    /// Whether the local twin may be left out of the plan when it does not fit.
    public var isBestEffort: Bool
    /// What happens when its local target is needed and memory does not hold it; `nil` is ``MemoryConfiguration/onFull``.
    public var onFull: OnFull?
    /// How long its local target stays loaded after a request that does not say; `nil` is
    /// ``MemoryConfiguration/keepAlive``.
    public var keepAlive: KeepAlive?
    /// Of an embedding model: whether it was trained so that the beginning of a vector keeps the sense of the whole; `nil` leaves it
    /// to what is known of its architecture.
    public var isMatryoshka: Bool?
}

extension ModelConfiguration {
    /// The target on this machine, if there is one.
    package var localTarget: LocalTargetConfiguration? {
        targets.lazy.compactMap { if case .local(let target) = $0 { target } else { nil } }.first
    }
}

/// What happens to a request whose model does not fit beside what is loaded.
public enum OnFull: String, Hashable, Sendable, CaseIterable {
    /// Idle models that are not pinned are unloaded; a busy one is waited for.
    case evict
    /// It waits until memory is free, at most as long as the queue's timeout.
    case queue
    /// It goes to the model's other targets.
    case remote
    /// It is refused at once.
    case reject
}

/// The memory budget and its policy.
public struct MemoryConfiguration: Hashable, Sendable {
    /// What all models together may use.
    public var budget: MemorySize
    /// Text models loaded on this machine at the same time, at most. Embedding models do not count.
    public var maxConcurrentLLMs = 3
    /// What happens to loaded models.
    public var strategy = Strategy.hybrid
    /// What happens when a model is needed and memory does not hold it; models may say otherwise.
    public var onFull = OnFull.evict
    /// How long models stay loaded after a request that does not say; models may say otherwise.
    public var keepAlive = KeepAlive.forever
    /// Whether a model's first load ends with a full step, to measure its peak.
    public var warmUp = WarmUp.first

    /// What happens to loaded models.
    public enum Strategy: String, Sendable, CaseIterable {
        /// Big models on servers, small ones here, all at once; what fits stays loaded.
        case hybrid = "hybrid_http_gguf"
    }

    /// When a load ends with a full step.
    public enum WarmUp: String, Sendable, CaseIterable {
        /// When the file's peak with these settings is not known yet and no request waits for the load.
        case first
        /// At each load.
        case always
        /// Never: peaks are learned from requests.
        case never
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
    /// Bytes of all larger request bodies that are being read or answered, together, at most.
    public var maxBodyTotal = MemorySize.mebibytes(256)
    /// Requests that wait for one model, at most.
    public var maxQueue = 64
    /// Hosts that a `Host` header may name besides the loopback names and the address that a client connected to.
    public var allowedHosts: [String] = []
    /// Web pages' origins, such as `https://chat.example`, that may ask besides the server's own.
    public var allowedOrigins: [String] = []
    /// Absolute path of the file of API keys; `nil` is `keys.json` in the user's folder of configurations.
    public var keysFile: String?
    /// Further API keys. Never logged.
    public var apiKeys: [Secret] = []
    /// What the server proves itself with; `nil` is plain HTTP.
    public var tls: TLSFiles?
    /// What a connection may cost.
    public var connections = ConnectionLimits()
    /// What a request for text may ask for.
    public var requests = RequestLimits()
}

/// The files of a server's certificate, as PEM.
public struct TLSFiles: Hashable, Sendable {
    /// Absolute path of the certificate, with those between it and its authority.
    public var certificate: String
    /// Absolute path of the certificate's private key.
    public var key: String
}

/// What a connection may cost, whoever holds it.
public struct ConnectionLimits: Hashable, Sendable {
    /// Bytes of a request's headers, at most.
    public var maxHeader = MemorySize(bytes: 16 << 10)
    /// From a request's first byte to the end of its headers.
    public var headerTimeout = Duration.seconds(10)
    /// From there to the end of its body.
    public var bodyTimeout = Duration.seconds(120)
    /// How long a connection without a request is kept.
    public var idleTimeout = Duration.seconds(120)
    /// Connections at the same time, at most.
    public var maxConnections = 512
    /// Connections at the same time from one other machine, at most.
    public var maxClientConnections = 64
}

/// What a request for text may ask for.
public struct RequestLimits: Hashable, Sendable {
    /// Messages of a conversation, at most.
    public var maxMessages = 2048
    /// Tokens of an answer, at most, and what a request that does not say gets; `nil` leaves it to the model's context.
    public var maxOutputTokens: Int?
    /// Pixels of a picture, at most.
    public var maxImagePixels = 50_000_000
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
    /// From a request's arrival to the end of its answer, over all attempts.
    public var request = Duration.seconds(1800)
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
    /// Path of a Python interpreter that finds faster-whisper; `nil` is that of the data folder's `python/speech`.
    public var whisperPython: String?
    /// Whether workers may use the network. They need not: they listen on unix sockets.
    public var isNetworkAllowed = false
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
