import Foundation
import SaraiBackends
import SaraiConfiguration
import SaraiPipelines
import SaraiPool

extension ConfigurationPlan {
    /// The plan of what runs, from the headers of the configuration's files and what earlier runs have shown.
    init(_ configuration: Configuration) {
        let planner = ConfigurationPlanner.current(configuration, engine: try? EngineLocator.locate(for: configuration))
        self.init(configuration, .configured, memory: planner.plan())
    }
}

extension EngineLocator {
    /// The path of a configuration's llama-server on this machine.
    static func locate(for configuration: Configuration) throws(EngineNotFound) -> String {
        try locate(
            configured: configuration.engine.llamaServer, dataFolder: SaraiPaths.current.data,
            path: ProcessInfo.processInfo.environment["PATH"] ?? "")
    }
}

extension WhisperLocator {
    /// The path of a configuration's Python for Whisper models on this machine.
    static func locate(for configuration: Configuration) throws(EngineNotFound) -> String {
        try locate(configured: configuration.engine.whisperPython, dataFolder: SaraiPaths.current.data)
    }
}

extension ConfigurationPlanner {
    /// A planner that knows what earlier runs of this user have shown.
    ///
    /// - Parameters:
    ///   - configuration: the models and the budget.
    ///   - engine: path of llama-server, if there is one.
    /// - Returns: the planner. What it finds out is kept only if its footprints are saved.
    static func current(_ configuration: Configuration, engine: String?) -> ConfigurationPlanner {
        ConfigurationPlanner(
            configuration: configuration,
            footprints: FootprintStore(path: "\(SaraiPaths.current.state)/footprints.json"), engine: engine,
            whisperPython: try? WhisperLocator.locate(for: configuration))
    }
}
