package import SaraiCore
import SaraiMemory

/// The pool in one sentence, for whoever watches over a service.
package struct PoolSummary: Hashable, Sendable {
    /// Models of the configuration.
    package let models: Int
    /// Those that are loaded on this machine.
    package let loaded: Int
    /// What the ledger has promised to loaded and loading models.
    package let reserved: MemorySize
    /// What all models together may use.
    package let budget: MemorySize
    /// Requests that are being answered.
    package let running: Int
    /// Requests that wait.
    package let waiting: Int
    /// Whether it takes no requests any more.
    package let isShuttingDown: Bool
}

extension PoolSummary: CustomStringConvertible {
    package var description: String {
        let requests = "\(running) running, \(waiting) waiting"
        guard !isShuttingDown else {
            return "Ending; requests: \(requests)"
        }
        return "\(loaded) of \(models) models loaded, \(reserved) of \(budget) reserved; requests: \(requests)"
    }
}

extension ModelPool {
    /// The pool now. Measures nothing, so it costs next to nothing.
    package var summary: PoolSummary {
        read { state in
            let models = state.names.compactMap { state.models[$0] }
            let targets = models.flatMap(\.targets)
            return PoolSummary(
                models: models.count,
                loaded: targets.count { $0.id.kind.isLocal && $0.isReady },
                reserved: state.ledger.charged, budget: state.ledger.budget,
                running: targets.reduce(0) { $0 + $1.inFlight },
                waiting: models.reduce(0) { $0 + $1.waiting.count },
                isShuttingDown: state.isShuttingDown)
        }
    }

    /// Whether waits have been ended and back-offs looked at within the last `limit`: whether ``run()`` does its work.
    package func keepsTime(within limit: Duration) -> Bool {
        let now = ContinuousClock.now
        return read(\.lastTick).map { now - limit <= $0 } ?? false
    }
}
