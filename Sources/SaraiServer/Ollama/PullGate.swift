import SaraiCore
import Synchronization

/// Bounds how many models clients have fetched at the same time.
final class PullGate: Sendable {
    /// More would only be slower: each has several connections.
    private static let capacity = 2

    private let running = Mutex(0)

    /// Lets a fetch in unless too many run already.
    ///
    /// - Returns: the permission, which is given back when it ends, at the latest when the last reference goes.
    /// - Throws: ``PoolError`` with `busy`.
    func enter() throws(PoolError) -> Permit {
        try running.withLock { running throws(PoolError) in
            guard running < Self.capacity else {
                throw PoolError(
                    .busy, "\(running) models are being fetched already; ask again when one is there",
                    retryAfter: .seconds(60))
            }
            running += 1
        }
        return Permit(gate: self)
    }

    /// The permission to fetch a model.
    final class Permit: Sendable {
        private let gate: PullGate
        private let isHeld = Atomic(true)

        fileprivate init(gate: PullGate) {
            self.gate = gate
        }

        deinit {
            end()
        }

        /// Gives the permission back; only the first call counts.
        func end() {
            if isHeld.exchange(false, ordering: .acquiringAndReleasing) {
                gate.running.withLock { $0 -= 1 }
            }
        }
    }
}
