import AsyncHTTPClient
import Foundation
package import Logging
import SaraiBackends
package import SaraiConfiguration
import SaraiCore
package import SaraiMemory
package import SaraiPipelines
import SaraiPool
import SaraiRouter
import SaraiSearch

/// Makes everything that a pool stands on, and takes it down again. The one place that knows all of it.
package enum PoolScope {
    /// Runs `body` with a pool for a configuration, and its pipelines. The pool's service is not running yet: `body` runs it.
    ///
    /// - Parameters:
    ///   - configuration: the models and the budget.
    ///   - paths: where things lie on this machine.
    ///   - instance: names this process among all that use the same folders.
    ///   - groups: makes cgroups for workers, where one was delegated to this process.
    ///   - logger: for state changes.
    ///   - body: runs the pool and uses it and its pipelines.
    /// - Returns: what `body` returns.
    /// - Throws: what prevents the pool from being made, and what `body` throws.
    package static func withPool<Result>(
        _ configuration: Configuration, paths: SaraiPaths, instance: String, groups: ControlGroupTree? = nil,
        logger: Logger,
        _ body: (Pipelines) async throws -> Result
    ) async throws -> Result {
        let directory = try WorkerDirectory(runtime: paths.runtime, instance: instance)
        // Whoever may still hold the pool, on its way out, has no use for it.
        defer { directory.remove() }
        let logs = "\(paths.state)/logs/\(instance)"
        try PrivateFolder.make(logs)
        let engine = Swift.Result { () throws(EngineNotFound) in
            try EngineLocator.locate(
                configured: configuration.engine.llamaServer, dataFolder: paths.data,
                path: ProcessInfo.processInfo.environment["PATH"] ?? "")
        }
        let whisperPython = Swift.Result { () throws(EngineNotFound) in
            try WhisperLocator.locate(configured: configuration.engine.whisperPython, dataFolder: paths.data)
        }
        var network = NetworkIsolation.none
        if !configuration.engine.isNetworkAllowed {
            network = await NetworkIsolation.probe()
            logger.debug("network of workers", metadata: ["isolation": "\(network)"])
        }
        let isolation = network
        return try await UpstreamClient.withHTTPClient(
            connectTimeout: configuration.timeouts.connect, connectionsPerServer: connectionsPerServer
        ) { client in
            let environment = PoolEnvironment(
                engine: engine, whisperPython: whisperPython, directory: directory, logs: logs,
                footprints: FootprintStore(path: "\(paths.state)/footprints.json"), groups: groups,
                network: isolation, client: client)
            let pool = ModelPool(configuration: configuration, environment: environment, logger: logger)
            let search = WebSearch(client: client, cachePath: "\(paths.state)/search.sqlite", logger: logger)
            return try await body(Pipelines(pool: pool, heads: .shipped, search: search))
        }
    }

    /// Loads a configuration for this machine.
    ///
    /// - Throws: ``ConfigurationError`` with everything that is wrong.
    package static func load(
        path: String?, flags: [String: String] = [:]
    ) throws(ConfigurationError) -> LoadedConfiguration {
        try ConfigurationLoader.forProcess(path: path, flags: flags, machineMemory: (try? MachineMemory.read())?.usable)
            .load()
    }

    /// More than the capacities of all models on one server will ever be, also after a reload: the pool keeps to the capacities,
    /// and whatever it sends must not wait for a connection unseen.
    private static let connectionsPerServer = 1 << 16
}
