import SaraiCore
import Synchronization

/// Bounds how many models clients have fetched at the same time.
final class PullGate: Sendable {
    /// More would only be slower: each has several connections.
    private static let capacity = 2

    private let running = Mutex(0)

    /// Runs `body` unless too many run already.
    ///
    /// - Throws: ``PoolError`` with `busy`, and what `body` throws.
    func enter(_ body: () async throws -> Void) async throws {
        try running.withLock { running throws(PoolError) in
            guard running < Self.capacity else {
                throw PoolError(
                    .busy, "\(running) models are being fetched already; ask again when one is there",
                    retryAfter: .seconds(60))
            }
            running += 1
        }
        defer { running.withLock { $0 -= 1 } }
        try await body()
    }
}
