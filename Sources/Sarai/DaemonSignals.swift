import SaraiPool
import ServiceLifecycle
import UnixSignals

/// Runs the daemon's services as signals ask.
struct DaemonSignals {
    /// What answers that were ended get to reach their clients.
    private static let lastWords = Duration.seconds(1)

    let pool: ModelPool
    let reloader: Reloader
    let services: ServiceGroup

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
                // What is wrong with the configuration is in the log; there is nobody else to tell.
                _ = try? await reloader.reload()
            } else if !isEnding {
                isEnding = true
                await services.triggerGracefulShutdown()
            } else {
                pool.endRequests()
                try? await Task.sleep(for: Self.lastWords)
                return
            }
        }
    }
}
