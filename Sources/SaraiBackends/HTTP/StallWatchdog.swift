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
    private let limits: BackendLimits

    private init(_ limits: BackendLimits) {
        state = Mutex(State(deadline: .now + limits.firstToken))
        self.limits = limits
    }

    /// Notes a sign of life; from now on the stall timeout counts.
    package func touch() {
        let deadline = ContinuousClock.now + limits.stall
        state.withLock {
            $0.deadline = deadline
            $0.hasStarted = true
        }
    }

    /// Runs `work` under a watchdog.
    ///
    /// - Parameters:
    ///   - limits: from now until the first sign of life, and between two of them.
    ///   - isPaused: whether the other side is held still on purpose; that time does not count.
    ///   - work: the work; it is cancelled when a deadline passes.
    /// - Returns: what `work` returns.
    /// - Throws: ``BackendError`` with `firstTokenTimeout` or `stalled`; otherwise what `work` throws.
    package static func watch<Result: Sendable>(
        _ limits: BackendLimits, isPaused: (@Sendable () -> Bool)? = nil,
        work: @escaping @Sendable (StallWatchdog) async throws -> Result
    ) async throws -> Result {
        let watchdog = StallWatchdog(limits)
        return try await withThrowingTaskGroup(of: Result.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await work(watchdog) }
            group.addTask { throw try await watchdog.expiry(isPaused) }
            guard let result = try await group.next() else {
                throw CancellationError()
            }
            return result
        }
    }

    /// How often it is looked whether the other side is held still.
    private static let pauseCheck = Duration.milliseconds(500)

    /// Waits until a deadline passes without a sign of life.
    private func expiry(_ isPaused: (@Sendable () -> Bool)?) async throws -> BackendError {
        while true {
            let (deadline, hasStarted) = state.withLock { ($0.deadline, $0.hasStarted) }
            if deadline <= .now {
                return hasStarted
                    ? BackendError(.stalled, "nothing arrived for \(limits.stall.formatted)")
                    : BackendError(.firstTokenTimeout, "no first token within \(limits.firstToken.formatted)")
            }
            guard let isPaused else {
                try await Task.sleep(until: deadline, clock: .continuous)
                continue
            }
            // Pauses last for half a second and more, so looks at this distance see most of them.
            let look = min(deadline, .now + Self.pauseCheck)
            let wasPaused = isPaused()
            let start = ContinuousClock.now
            try await Task.sleep(until: look, clock: .continuous)
            if wasPaused {
                let pause = start.duration(to: .now)
                state.withLock { $0.deadline += pause }
            }
        }
    }
}

extension Duration {
    /// The duration for a person: `250 ms`, `30 s`.
    fileprivate var formatted: String {
        self < .seconds(1) ? "\(Int(seconds * 1000)) ms" : "\(seconds.formatted(decimals: 0)) s"
    }
}
