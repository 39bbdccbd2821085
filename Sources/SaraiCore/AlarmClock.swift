import Synchronization

/// Lets tasks sleep that are nearly always woken before their time, as those that watch a deadline are.
///
/// `Task.sleep` sets a timer for each sleep and keeps it until its time, also of a sleep that was cancelled long before: measured on
/// Linux, 700 bytes for each deadline of each request, for as long as a request may take. Here all sleepers share the few timers
/// that ring next.
package final class AlarmClock: Sendable {
    /// The clock of the process.
    package static let shared = AlarmClock()

    private struct Sleeper {
        let end: ContinuousClock.Instant
        let wake: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var sleepers: [Int: Sleeper] = [:]
        var next = 0
        /// When the clock will look at the sleepers; `nil` if nobody sleeps. Nobody sleeps to an earlier time.
        var ring: ContinuousClock.Instant?

        /// Notes that the clock must ring at a time.
        ///
        /// - Returns: whether it would not have done so by then anyway.
        mutating func setRing(noLaterThan time: ContinuousClock.Instant) -> Bool {
            if let ring, ring <= time {
                return false
            }
            ring = time
            return true
        }
    }

    private let state = Mutex(State())

    /// A clock of its own, for tests.
    init() {}

    /// Sleeps.
    ///
    /// - Parameter duration: from now.
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    package func sleep(for duration: Duration) async throws {
        try await sleep(until: .now + duration)
    }

    /// Sleeps.
    ///
    /// - Parameter end: when to wake.
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    package func sleep(until end: ContinuousClock.Instant) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wake in
                add(Sleeper(end: end, wake: wake), id)
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.wake.resume(throwing: CancellationError())
        }
    }

    /// How many tasks sleep.
    var sleepers: Int {
        state.withLock(\.sleepers.count)
    }

    private func add(_ sleeper: Sleeper, _ id: Int) {
        let (isCancelled, isEarliest) = state.withLock { state in
            // A cancellation until now has found nobody to wake; later ones will.
            guard !Task.isCancelled else {
                return (true, false)
            }
            state.sleepers[id] = sleeper
            return (false, state.setRing(noLaterThan: sleeper.end))
        }
        if isCancelled {
            sleeper.wake.resume(throwing: CancellationError())
        } else if isEarliest {
            ring(at: sleeper.end)
        }
    }

    private func ring(at time: ContinuousClock.Instant) {
        // Of no request: it would keep what belongs to that one alive. It is never cancelled, and there are few: those that
        // were the earliest when they were set.
        Task.detached { [self] in
            try? await Task.sleep(until: time, clock: .continuous)
            wakeThoseDue()
        }
    }

    private func wakeThoseDue() {
        let (due, next) = state.withLock { state in
            let now = ContinuousClock.now
            let due = state.sleepers.filter { $0.value.end <= now }
            due.keys.forEach { state.sleepers[$0] = nil }
            if let ring = state.ring, ring <= now {
                state.ring = nil
            }
            let earliest = state.sleepers.values.map(\.end).min()
            return (due.values, earliest.flatMap { state.setRing(noLaterThan: $0) ? $0 : nil })
        }
        if let next {
            ring(at: next)
        }
        due.forEach { $0.wake.resume() }
    }
}
