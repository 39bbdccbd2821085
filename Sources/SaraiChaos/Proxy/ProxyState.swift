import NIOCore
import Synchronization

/// What all connections of a proxy share.
final class ProxyState: Sendable {
    private struct Guarded {
        var book: FaultBook
        var statistics = ProxyStatistics()
        var open: [ObjectIdentifier: any Channel] = [:]
    }

    /// Where requests go.
    let upstream: Endpoint
    private let seed: UInt64
    private let guarded: Mutex<Guarded>

    /// The state of a proxy that has no connections yet.
    init(upstream: Endpoint, faults: [Fault], seed: UInt64) {
        self.upstream = upstream
        self.seed = seed
        guarded = Mutex(Guarded(book: FaultBook(faults, seed: seed)))
        countPortFaults(in: faults)
    }

    /// The faults that are set.
    var faults: [Fault] {
        guarded.withLock { $0.book.faults }
    }

    /// What clients find at the port.
    var port: FaultBook.Port {
        guarded.withLock { $0.book.port }
    }

    /// What has been seen.
    var statistics: ProxyStatistics {
        guarded.withLock { $0.statistics }
    }

    /// The connections that are open.
    var connections: [any Channel] {
        guarded.withLock { Array($0.open.values) }
    }

    /// Sets the faults.
    func set(_ faults: [Fault]) {
        guarded.withLock { $0.book.faults = faults }
        countPortFaults(in: faults)
    }

    /// Changes the statistics.
    func count(_ change: (inout ProxyStatistics) -> Void) {
        guarded.withLock { change(&$0.statistics) }
    }

    /// Notes a connection.
    ///
    /// - Returns: what becomes of it, and the seed of all that is random on it.
    func opened(_ channel: any Channel) -> (session: ProxySession, seed: UInt64) {
        guarded.withLock { state in
            state.open[ObjectIdentifier(channel)] = channel
            state.statistics.connections += 1
            state.statistics.open += 1
            let seed = self.seed &+ UInt64(state.statistics.connections) << 32
            let session = ProxySession(meeting: state.book.meetConnection(), seed: seed)
            state.statistics.faultsApplied += session.counts.faults
            return (session, seed)
        }
    }

    /// Notes that a connection is gone.
    func closed(_ channel: any Channel) {
        guarded.withLock { state in
            if state.open.removeValue(forKey: ObjectIdentifier(channel)) != nil {
                state.statistics.open -= 1
            }
        }
    }

    /// The faults that a request meets.
    func meet(_ head: HTTPHead) -> [Fault] {
        guarded.withLock { $0.book.meetRequest(method: head.method, path: head.path) }
    }

    private func countPortFaults(in faults: [Fault]) {
        count { $0.faultsApplied += faults.count { $0.effect.kind == .port } }
    }
}
