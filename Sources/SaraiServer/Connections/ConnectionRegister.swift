import Synchronization

/// The connections of all event loops together.
final class ConnectionRegister: Sendable {
    private let counts: Mutex<ConnectionCounts>

    /// A register of no connections.
    init(_ counts: ConnectionCounts) {
        self.counts = Mutex(counts)
    }

    /// See ``ConnectionCounts/enter(_:)``.
    func enter(_ client: String?) -> ConnectionCounts.Refusal? {
        counts.withLock { $0.enter(client) }
    }

    /// See ``ConnectionCounts/leave(_:)``.
    func leave(_ client: String?) {
        counts.withLock { $0.leave(client) }
    }
}
