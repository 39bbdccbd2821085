import Foundation
import SaraiPool
import Synchronization

/// A running daemon, and what it says of its targets.
struct DaemonView {
    /// Its version.
    let version: String
    /// How its models are.
    let snapshot: PoolSnapshot
    /// What it remembers of the past, the oldest first.
    let events: [PoolEvent]
    /// When that was read.
    let time: Date

    /// Asks a daemon.
    ///
    /// - Throws: ``CommandFailure``.
    init(_ client: DaemonClient) async throws {
        snapshot = try await client.state().snapshot
        version = try await client.version()
        let events = Mutex<[PoolEvent]>([])
        // They are only good to know, and too many may be following already.
        try? await client.events(of: nil, follows: false) { event, _ in
            events.withLock { $0.append(event) }
        }
        self.events = events.withLock(\.self)
        time = Date()
    }

    /// What it says of a target; `nil` if it does not know it.
    func target(_ id: String) -> PoolSnapshot.Target? {
        snapshot.models.flatMap(\.targets).first { $0.id == id }
    }

    /// What a target's worker has gone through.
    func history(of id: String) -> WorkerHistory {
        WorkerHistory(of: id, in: events, at: time)
    }
}

/// What a worker has gone through, as far as the daemon remembers.
struct WorkerHistory {
    /// Something that happened.
    struct Step {
        let secondsAgo: Double
        let event: PoolEvent.Body
    }

    /// What last brought the target into another state.
    let last: Step?
    /// When it ended unasked, or could not be started, the oldest first.
    let failures: [Step]

    /// Reads a target's part of the events.
    fileprivate init(of id: String, in events: [PoolEvent], at time: Date) {
        let steps = events.filter { $0.body.target == id }
            .map { Step(secondsAgo: max(0, time.timeIntervalSince($0.time)), event: $0.body) }
        last = steps.last { [.ready, .unloaded, .evicted, .killed, .failed].contains($0.event.kind) }
        failures = steps.filter { $0.event.kind == .killed || $0.event.kind == .failed }
    }
}
