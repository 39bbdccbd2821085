import Foundation
package import Logging
package import SaraiConfiguration
import SaraiMemory
import SaraiPool
import SaraiServer
import ServiceLifecycle
import UnixSignals

/// The daemon: a pool and a server in front of it.
package enum Daemon {
    /// Runs until SIGTERM or SIGINT; then running answers may finish, within the drain timeout, and every worker ends.
    ///
    /// - Parameters:
    ///   - loaded: the configuration.
    ///   - paths: where things lie on this machine.
    ///   - logger: for state changes.
    ///   - onListening: called once, when connections are accepted.
    /// - Throws: what prevents the daemon from starting, for instance an address that is in use.
    package static func run(
        _ loaded: LoadedConfiguration, paths: SaraiPaths, logger: Logger,
        onListening: @escaping @Sendable () async -> Void
    ) async throws {
        let configuration = loaded.configuration
        try await PoolScope.withPool(
            configuration, paths: paths, instance: configuration.server.listen.instanceName,
            groups: delegatedGroups(logger: logger), logger: logger
        ) { pool in
            let server = SaraiServer.make(pool: pool, version: SaraiVersion.current, logger: logger) {
                // Not earlier: a daemon whose address is taken must not load gigabytes first.
                pool.loadResidents()
                await onListening()
            }
            // Services stop in reverse order: first the server, which waits for running answers, then the pool.
            var group = ServiceGroupConfiguration(
                services: [.init(service: pool), .init(service: server)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
            group.maximumGracefulShutdownDuration = configuration.timeouts.drain
            try await ServiceGroup(configuration: group).run()
        }
    }
}

extension Daemon {
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
        case .tcp(_, let port): "tcp-\(port)"
        case .unix(let path):
            "unix-" + String(path.utf8.reduce(UInt32(5381)) { $0 &* 33 &+ UInt32($1) }, radix: 36)
        }
    }
}
