package import AsyncHTTPClient
package import SaraiBackends
package import SaraiConfiguration
import SaraiCore
package import SaraiMemory

/// What a pool needs of the machine it runs on.
package struct PoolEnvironment: Sendable {
    /// Path of llama-server, or why there is none. Only a load of a local model needs it.
    let engine: Result<String, EngineNotFound>
    /// Path of the Python that runs Whisper models, or why there is none. Only a load of one needs it.
    let whisperPython: Result<String, EngineNotFound>
    /// For requests to workers and servers.
    let client: HTTPClient
    /// What is known of footprints.
    let footprints: FootprintStore
    /// Makes cgroups for workers; `nil` where none was delegated.
    let groups: ControlGroupTree?
    /// How workers are kept from the network.
    let network: NetworkIsolation
    private let logs: String
    // Keeps the directory, and with it the lock, for as long as the pool lives.
    private let directory: WorkerDirectory

    /// Puts together what a pool needs.
    ///
    /// - Parameters:
    ///   - engine: path of llama-server, or why there is none.
    ///   - whisperPython: path of the Python that runs Whisper models, or why there is none.
    ///   - directory: this daemon's own directory for sockets.
    ///   - logs: the directory for worker logs; it must exist.
    ///   - footprints: what is known of footprints.
    ///   - groups: makes cgroups for workers, where one was delegated.
    ///   - network: how workers are kept from the network.
    ///   - client: see ``SaraiBackends/UpstreamClient``.
    package init(
        engine: Result<String, EngineNotFound>, whisperPython: Result<String, EngineNotFound>,
        directory: WorkerDirectory, logs: String, footprints: FootprintStore, groups: ControlGroupTree?,
        network: NetworkIsolation, client: HTTPClient
    ) {
        self.client = client
        self.footprints = footprints
        self.groups = groups
        self.network = network
        self.engine = engine
        self.whisperPython = whisperPython
        self.directory = directory
        self.logs = logs
    }

    /// The files of a model's worker, which has this number among the workers.
    func files(of model: ModelName, number: Int) -> WorkerFiles {
        WorkerFiles(model: model, index: number, runtime: directory.path, logs: logs)
    }

    /// Make what speaks to the servers of a configuration.
    func makers(of configuration: Configuration) -> [TargetID: ModelPool.BackendMaker] {
        var makers: [TargetID: ModelPool.BackendMaker] = [:]
        for case .remote(let target) in configuration.models.flatMap(\.targets) {
            makers[target.id] = { [client] in target.makeBackend(client: client, limits: $0) }
        }
        return makers
    }
}

extension BackendLimits {
    /// The limits of a configuration.
    init(_ timeouts: TimeoutConfiguration) {
        self.init(firstToken: timeouts.firstToken, stall: timeouts.stall)
    }
}

extension RemoteTargetConfiguration {
    /// The backend that speaks to the target's server.
    package func makeBackend(client: HTTPClient, limits: BackendLimits) -> any Backend {
        let trust = authorities.map { ServerTrust.authorities(file: $0) }
        return switch id.kind {
        case .ollama:
            OllamaBackend(
                client: client, url: url, model: model, apiKey: apiKey?.value, trust: trust, limits: limits)
        case .openAI, .gguf, .whisper:
            OpenAIBackend(
                client: client, endpoint: .url(url), model: model, apiKey: apiKey?.value, trust: trust, limits: limits)
        }
    }
}
