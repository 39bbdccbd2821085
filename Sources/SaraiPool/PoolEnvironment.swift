package import AsyncHTTPClient
package import SaraiBackends
package import SaraiConfiguration
import SaraiCore
package import SaraiMemory

/// What a pool needs of the machine it runs on.
package struct PoolEnvironment: Sendable {
    /// Path of llama-server, or why there is none. Only a load of a local model needs it.
    let engine: Result<String, EngineNotFound>
    /// For requests to workers and servers.
    let client: HTTPClient
    /// What is known of footprints.
    let footprints: FootprintStore
    /// Makes cgroups for workers; `nil` where none was delegated.
    let groups: ControlGroupTree?
    private let files: [TargetID: WorkerFiles]
    // Keeps the directory, and with it the lock, for as long as the pool lives.
    private let directory: WorkerDirectory

    /// Puts together what a pool needs.
    ///
    /// - Parameters:
    ///   - configuration: the targets.
    ///   - engine: path of llama-server, or why there is none.
    ///   - directory: this daemon's own directory for sockets.
    ///   - logs: the directory for worker logs; it must exist.
    ///   - footprints: what is known of footprints.
    ///   - groups: makes cgroups for workers, where one was delegated.
    ///   - client: see ``SaraiBackends/UpstreamClient``.
    package init(
        configuration: Configuration, engine: Result<String, EngineNotFound>, directory: WorkerDirectory, logs: String,
        footprints: FootprintStore, groups: ControlGroupTree?, client: HTTPClient
    ) {
        self.client = client
        self.footprints = footprints
        self.groups = groups
        self.engine = engine
        self.directory = directory
        var files: [TargetID: WorkerFiles] = [:]
        for (index, model) in configuration.models.enumerated() {
            for target in model.targets where target.id.kind.isLocal {
                files[target.id] = WorkerFiles(
                    model: model.name, index: index, runtime: directory.path, logs: logs)
            }
        }
        self.files = files
    }

    /// The files of a local target's worker.
    func files(of target: TargetID) -> WorkerFiles? {
        files[target]
    }
}

extension RemoteTargetConfiguration {
    /// The backend that speaks to the target's server.
    package func makeBackend(client: HTTPClient, limits: BackendLimits) -> any Backend {
        switch id.kind {
        case .ollama:
            OllamaBackend(client: client, url: url, model: model, apiKey: apiKey?.value, limits: limits)
        case .openAI, .gguf:
            OpenAIBackend(client: client, endpoint: .url(url), model: model, apiKey: apiKey?.value, limits: limits)
        }
    }
}
