import Logging
import SaraiBackends
import SaraiConfiguration
import SaraiPool
import ServiceLifecycle

/// Tells the service manager how the daemon is, from the moment at which it listens until it is gone.
struct ServiceReporter: Service {
    /// Between two looks, at most.
    private static let interval = Duration.seconds(5)

    let manager: ServiceManager
    let pool: ModelPool
    /// Where the server listens, once it does.
    let listening: AsyncStream<ListenAddress>
    let logger: Logger

    /// Runs until it is cancelled or told to shut down.
    func run() async throws {
        try await cancelWhenGracefulShutdown {
            for await address in listening {
                try await report(from: address)
            }
        }
    }

    private func report(from address: ListenAddress) async throws {
        // Several looks fit into the watchdog's time: one that comes late or fails by chance does no harm.
        let interval = min(Self.interval, manager.watchdog.map { $0 / 4 } ?? Self.interval)
        var status = pool.summary.description
        manager.tell([.ready, .status(status)])
        try await UpstreamClient.withHTTPClient(connectTimeout: interval, connectionsPerServer: 1) { client in
            let check = SelfCheck(
                pool: pool, address: address, tls: pool.configuration.server.tls, client: client, patience: interval)
            var known: String?
            while true {
                try? await Task.sleep(for: interval)
                guard !Task.isCancelled else {
                    return
                }
                var notices: [ServiceNotice] = []
                var problem: String?
                if manager.watchdog != nil {
                    problem = await check.problem()
                    if problem == nil {
                        notices.append(.alive)
                    }
                }
                if pool.isShuttingDown {
                    // The server goes before the workers do, and is not missed.
                    problem = nil
                }
                if let problem, problem != known {
                    logger.error("the watchdog is not told that all is well", metadata: ["reason": "\(problem)"])
                }
                known = problem
                let present = problem ?? pool.summary.description
                if present != status {
                    status = present
                    notices.append(.status(present))
                }
                manager.tell(notices)
            }
        }
    }
}
