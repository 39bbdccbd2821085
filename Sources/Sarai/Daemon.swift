import Foundation
package import Logging
package import SaraiConfiguration
import SaraiHub
import SaraiMemory
import SaraiPipelines
import SaraiPool
import SaraiServer
import ServiceLifecycle

/// The daemon: a pool and a server in front of it.
package enum Daemon {
    /// What clients get to read the last of their answers, after the drain timeout.
    private static let lastReads = Duration.seconds(5)

    /// Runs until SIGTERM or SIGINT; then running answers may finish, within the drain timeout, and every worker ends. A second
    /// signal ends them at once. SIGHUP has the configuration read again.
    ///
    /// - Parameters:
    ///   - loaded: the configuration.
    ///   - flags: values from the command line by key path; they hold after a reload too.
    ///   - paths: where things lie on this machine.
    ///   - logger: for state changes.
    ///   - onListening: called once, when connections are accepted, with where that is.
    /// - Throws: what prevents the daemon from starting, for instance an address that is in use, or that other machines can
    ///   reach without a key.
    package static func run(
        _ loaded: LoadedConfiguration, flags: [String: String] = [:], paths: SaraiPaths, logger: Logger,
        onListening: @escaping @Sendable (ListenAddress) async -> Void
    ) async throws {
        let configuration = loaded.configuration
        // Before anything else: nothing is made for a daemon that must not run.
        let access = try Self.access(configuration.server, paths: paths, logger: logger)
        let certificate = try Self.certificate(configuration.server, logger: logger)
        let process = ProcessInfo.processInfo
        let manager = ServiceManager(
            environment: process.environment, pid: process.processIdentifier, logger: logger)
        try await PoolScope.withPool(
            configuration, paths: paths, instance: configuration.server.listen.instanceName,
            groups: delegatedGroups(logger: logger), logger: logger
        ) { pipelines in
            let pool = pipelines.pool
            let reloader = Reloader(pool: pool) { () throws(ConfigurationError) in
                try PoolScope.load(path: loaded.file, flags: flags)
            } onReload: {
                pipelines.router.forgetFiles()
                let proofs = pipelines.prove()
                Self.report(proofs, to: logger)
                return proofs.flatMap(\.warnings)
            }
            let (addresses, listening) = AsyncStream.makeStream(of: ListenAddress.self)
            let server = SaraiServer.make(
                pipelines: pipelines, reloader: reloader, models: ModelStore(paths.models), access: access,
                certificate: certificate, version: SaraiVersion.current, logger: logger
            ) { address in
                // Not earlier: a daemon whose address is taken must not load gigabytes first.
                pool.loadResidents()
                Self.report(pipelines.prove(), to: logger)
                listening.yield(address)
                await onListening(address)
            }
            // Services stop in reverse order. The server stops accepting only when everything is answered: until then,
            // who comes is told that this daemon ends. The service manager hears of all of it.
            var services: [any Service] = [pool, server, Drain(pool: pool, limit: configuration.timeouts.drain)]
            if let manager {
                services.insert(
                    ServiceReporter(manager: manager, pool: pool, listening: addresses, logger: logger), at: 0)
            }
            var group = ServiceGroupConfiguration(services: services, logger: logger)
            let lastAnswers = configuration.timeouts.drain + lastReads
            group.maximumGracefulShutdownDuration = lastAnswers
            try await DaemonSignals(
                pool: pool, reloader: reloader, services: ServiceGroup(configuration: group), manager: manager,
                patience: lastAnswers
            ).run()
        }
    }
}

/// Waits for the end of the daemon, and then for the ends of its answers.
private struct Drain: Service {
    let pool: ModelPool
    let limit: Duration

    func run() async throws {
        try? await gracefulShutdown()
        await pool.drain(limit: limit)
    }
}

extension Daemon {
    /// Tells of pipelines whose models do not fit together: before somebody asks for them.
    private static func report(_ proofs: [PipelineProof], to logger: Logger) {
        for proof in proofs {
            for missing in proof.missing {
                logger.warning(
                    "pipeline does without a model",
                    metadata: [
                        "pipeline": "\(proof.name)", "model": "\(missing.model)", "reason": "\(missing.reason)",
                    ])
            }
            switch proof.verdict {
            case .available(let size):
                logger.info("pipeline available", metadata: ["pipeline": "\(proof.name)", "memory": "\(size)"])
            case .incomplete(let reason):
                logger.debug("pipeline incomplete", metadata: ["pipeline": "\(proof.name)", "reason": "\(reason)"])
            case .tooLarge(let reason):
                logger.warning("pipeline too large", metadata: ["pipeline": "\(proof.name)", "reason": "\(reason)"])
            }
        }
    }

    /// The cgroup that was delegated to this daemon, by systemd for instance; `nil` where none was, which is usual.
    private static func delegatedGroups(logger: Logger) -> ControlGroupTree? {
        do throws(ControlGroupTree.Refusal) {
            return try ControlGroupTree.takeOver(pid: ProcessInfo.processInfo.processIdentifier)
        } catch {
            logger.debug("workers have no cgroups of their own", metadata: ["reason": "\(error)"])
            return nil
        }
    }
}

extension ListenAddress {
    /// Names the daemon that listens here, among all of one user. Fit for a file's name.
    fileprivate var instanceName: String {
        switch self {
        // Any number of daemons may ask for any port.
        case .tcp(_, 0): "tcp-0-\(ProcessInfo.processInfo.processIdentifier)"
        case .tcp(_, let port): "tcp-\(port)"
        case .unix(let path):
            "unix-" + String(path.utf8.reduce(UInt32(5381)) { $0 &* 33 &+ UInt32($1) }, radix: 36)
        }
    }
}
