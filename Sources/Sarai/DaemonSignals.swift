import SaraiPool
import ServiceLifecycle
import UnixSignals

/// Runs the daemon's services as signals ask.
struct DaemonSignals {
    /// What answers that were ended get to reach their clients.
    private static let lastWords = Duration.seconds(1)
    /// What workers get to end, after the last answer.
    private static let lastEnds = Duration.seconds(10)

    let pool: ModelPool
    let reloader: Reloader
    let services: ServiceGroup
    /// Hears of it.
    let manager: ServiceManager?
    /// What the last answers may take.
    let patience: Duration

    /// Runs the services until a signal ends them, or one of them ends by itself.
    ///
    /// - Throws: what a service throws.
    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup, .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            group.addTask { await obey(signals) }
            // Whichever is first ends the other.
            try await group.next()
            group.cancelAll()
        }
    }

    /// Returns when the services must end, whatever they are doing.
    private func obey(_ signals: UnixSignalsSequence) async {
        var isEnding = false
        for await signal in signals {
            if signal == .sighup {
                await reload()
            } else if !isEnding {
                isEnding = true
                manager?.tell([.stopping(within: patience + Self.lastEnds)])
                await services.triggerGracefulShutdown()
            } else {
                pool.endRequests()
                try? await Task.sleep(for: Self.lastWords)
                return
            }
        }
    }

    /// Reads the configuration again. What is wrong with it is in the log; the service manager is the only one to tell besides.
    private func reload() async {
        manager?.tell([.reloading(at: ServiceManager.monotonicTime)])
        do {
            _ = try await reloader.reload()
            manager?.tell([.ready])
        } catch {
            manager?.tell([.ready, .status("Configuration not reloaded, the one before holds: \(error)")])
        }
    }
}
