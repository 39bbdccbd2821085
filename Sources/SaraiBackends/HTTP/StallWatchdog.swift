import SaraiCore
import Synchronization

/// Ends work that shows no sign of life.
///
/// Work calls ``touch()`` whenever something arrives. The watcher sleeps until the deadline that was set last and
/// looks again, so a lively stream costs it one clock read per event and no timer.
package final class StallWatchdog: Sendable {
    private struct State {
        var deadline: ContinuousClock.Instant
        var hasStarted = false
    }

    private let state: Mutex<State>
    private let stall: Duration

    private init(first: Duration, stall: Duration) {
        state = Mutex(State(deadline: .now + first))
        self.stall = stall
    }

    /// Notes a sign of life; from now on the stall timeout counts.
    package func touch() {
        let deadline = ContinuousClock.now + stall
        state.withLock {
            $0.deadline = deadline
            $0.hasStarted = true
        }
    }

    /// Runs `work` under a watchdog.
    ///
    /// - Parameters:
    ///   - first: from now until the first sign of life.
    ///   - stall: between two signs of life.
    ///   - work: the work; it is cancelled when a deadline passes.
    /// - Returns: what `work` returns.
    /// - Throws: ``BackendError`` with `firstTokenTimeout` or `stalled`; otherwise what `work` throws.
    package static func watch<Result: Sendable>(
        first: Duration, stall: Duration,
        work: @escaping @Sendable (StallWatchdog) async throws -> Result
    ) async throws -> Result {
        let watchdog = StallWatchdog(first: first, stall: stall)
        return try await withThrowingTaskGroup(of: Result.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await work(watchdog) }
            group.addTask { throw try await watchdog.expiry(first: first) }
            guard let result = try await group.next() else {
                throw CancellationError()
            }
            return result
        }
    }

    /// Waits until a deadline passes without a sign of life.
    private func expiry(first: Duration) async throws -> BackendError {
        while true {
            let (deadline, hasStarted) = state.withLock { ($0.deadline, $0.hasStarted) }
            if deadline <= .now {
                return hasStarted
                    ? BackendError(.stalled, "nothing arrived for \(stall.formatted)")
                    : BackendError(.firstTokenTimeout, "no first token within \(first.formatted)")
            }
            try await Task.sleep(until: deadline, clock: .continuous)
        }
    }
}

extension Duration {
    /// The duration for a person: `250 ms`, `30 s`.
    fileprivate var formatted: String {
        self < .seconds(1) ? "\(Int(seconds * 1000)) ms" : "\(seconds.formatted(decimals: 0)) s"
    }
}
