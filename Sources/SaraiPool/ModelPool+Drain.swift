import Logging
package import SaraiCore

/// The end of a daemon, without a lost answer where that can be helped.
extension ModelPool {
    /// Stops taking requests, and waits until those that run are answered. Those that take longer than `limit` are ended.
    package func drain(limit: Duration) async {
        perform { $0.shutDown() }
        let isDone = await withTaskGroup(of: Bool.self) { group in
            defer { group.cancelAll() }
            group.addTask { [requests] in
                await requests.waitUntilNone()
                return true
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return false
            }
            return await group.next() ?? true
        }
        if !isDone {
            logger.warning("answers ended before they were complete (timeouts.drain)")
            endRequests()
            await requests.waitUntilNone()
        }
    }

    /// Ends everything that is being answered with an error.
    package func endRequests() {
        requests.endAll()
    }

    /// Whether it takes no requests any more.
    package var isShuttingDown: Bool {
        read(\.isShuttingDown)
    }
}

extension PoolError {
    /// The daemon ends. Another one is there in seconds where somebody starts it again.
    package static let shuttingDown = PoolError(.unavailable, "Sarai is shutting down", retryAfter: .seconds(5))
}
