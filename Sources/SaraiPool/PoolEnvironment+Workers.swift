import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiMemory

/// The programs that run local targets, and what speaks to them.
extension PoolEnvironment {
    /// What runs a target.
    ///
    /// - Parameters:
    ///   - target: the target.
    ///   - load: how it is loaded.
    ///   - socket: where it listens.
    /// - Returns: the command, or why the program is not there.
    func command(
        for target: LocalTargetConfiguration, _ load: LoadSettings, socket: String
    ) -> Result<WorkerCommand, EngineNotFound> {
        switch target.model {
        case .gguf(let path, let mmproj):
            let settings = target.serverSettings(load, gguf: path, mmproj: mmproj)
            return engine.map { settings.command(engine: $0, socket: socket) }
        case .whisper(let folder):
            let settings = WhisperSettings(folder: folder, threads: target.usedThreads)
            return whisperPython.map { settings.command(python: $0, socket: socket) }
        }
    }

    /// Makes what speaks to a target's worker.
    ///
    /// - Parameters:
    ///   - target: the target.
    ///   - load: how the worker is loaded.
    ///   - socket: where it listens.
    ///   - control: says whether it is held.
    /// - Returns: what makes it, with the limits that hold at that time.
    func maker(
        for target: LocalTargetConfiguration, _ load: LoadSettings, socket: String, control: WorkerControl
    ) -> ModelPool.BackendMaker {
        switch target.model {
        case .gguf:
            { [client, model = target.id.model.rawValue] limits in
                OpenAIBackend(
                    client: client, workerSocket: socket, model: model,
                    worker: .init(contextLength: load.contextLength) { control.isPaused }, limits: limits)
            }
        case .whisper:
            { [client] limits in
                WhisperBackend(client: client, socket: socket, isPaused: { control.isPaused }, limits: limits)
            }
        }
    }
}

extension LocalTargetConfiguration {
    /// Threads that its worker computes with.
    var usedThreads: Int {
        threads ?? UsableCores.count()
    }

    /// Where it is, for a person: its file, or its folder.
    package var path: String {
        switch model {
        case .gguf(let path, _), .whisper(let path): path
        }
    }

    /// The settings of a llama-server for this target, loaded in one of the possible ways; `nil` where another program runs
    /// it.
    func serverSettings(_ load: LoadSettings) -> LlamaServerSettings? {
        gguf.map { serverSettings(load, gguf: $0, mmproj: mmproj) }
    }

    fileprivate func serverSettings(_ load: LoadSettings, gguf: String, mmproj: String?) -> LlamaServerSettings {
        var settings = LlamaServerSettings(gguf: gguf, mmproj: mmproj, load: load, threads: usedThreads)
        settings.chatTemplate = chatTemplate
        settings.isReranker = isReranker
        settings.rpc = rpc
        return settings
    }
}
