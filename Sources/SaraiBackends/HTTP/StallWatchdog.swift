import SaraiCore
import Synchronization

/// Ends work that shows no sign of life.
///
/// Work calls ``touch()`` whenever something arrives. The watcher sleeps until the deadline that was set last and
/// looks again, so a lively stream costs it one clock read per event and no timer. It looks once per stall timeout at
/// least, as the first sign of life may bring the deadline nearer.
package final class StallWatchdog: Sendable {
    /// What is waited for.
    private enum Phase {
        case firstToken, nextToken
        /// Nothing that matters: the work may end as it is.
        case end
    }

    private struct State {
        var deadline: ContinuousClock.Instant
        var phase = Phase.firstToken
    }

    private let state: Mutex<State>
    private let limits: BackendLimits
    private let endings: AsyncStream<Void>
    private let ending: AsyncStream<Void>.Continuation

    private init(_ limits: BackendLimits) {
        state = Mutex(State(deadline: .now + limits.firstToken))
        self.limits = limits
        (endings, ending) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Notes a sign of life; from now on the stall timeout counts.
    package func touch() {
        let deadline = ContinuousClock.now + limits.stall
        state.withLock { state in
            guard state.phase != .end else {
                return
            }
            state = State(deadline: deadline, phase: .nextToken)
        }
    }

    /// How long work goes on after it has what it was for: for usage figures, and for the end of a body, with which its
    /// connection can be used again.
    private static let patienceForEnd = Duration.seconds(1)

    /// Notes that the work has what it was for. After a second it is cancelled, and what it then returns counts.
    package func expectEnd() {
        state.withLock { $0.phase = .end }
        ending.yield()
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
        return try await withThrowingTaskGroup(of: Ending<Result>.self) { group in
            defer { group.cancelAll() }
            group.addTask { .finished(try await work(watchdog)) }
            group.addTask {
                if let error = await watchdog.expiry(isPaused) {
                    throw error
                }
                return .unwatched
            }
            group.addTask { await watchdog.isOverdue(isPaused) ? .overdue : .unwatched }
            for try await ending in group {
                switch ending {
                case .finished(let result): return result
                case .overdue: group.cancelAll()
                case .unwatched: break
                }
            }
            throw CancellationError()
        }
    }

    /// How a part of the watch ended.
    private enum Ending<Result: Sendable> {
        case finished(Result)
        /// The work has what it was for, and took too long to end.
        case overdue
        /// There is nothing left to watch.
        case unwatched
    }

    /// Waits for the work to have what it was for, and then for as long as it may still take.
    ///
    /// - Returns: whether that time passed.
    private func isOverdue(_ isPaused: (@Sendable () -> Bool)?) async -> Bool {
        for await _ in endings {
            break
        }
        do {
            repeat {
                try await AlarmClock.shared.sleep(for: Self.patienceForEnd)
            } while isPaused?() == true
            return true
        } catch {
            return false
        }
    }

    /// How often it is looked whether the other side is held still.
    private static let pauseCheck = Duration.milliseconds(500)

    /// Waits until a deadline passes without a sign of life.
    ///
    /// - Returns: the error that this is; `nil` if the watch ended first.
    private func expiry(_ isPaused: (@Sendable () -> Bool)?) async -> BackendError? {
        while !Task.isCancelled {
            let (deadline, phase) = state.withLock { ($0.deadline, $0.phase) }
            if deadline <= .now {
                switch phase {
                case .firstToken:
                    return BackendError(.firstTokenTimeout, "no first token within \(limits.firstToken.formatted)")
                case .nextToken: return BackendError(.stalled, "nothing arrived for \(limits.stall.formatted)")
                case .end: return nil
                }
            }
            let look = min(deadline, .now + limits.stall)
            guard let isPaused else {
                try? await AlarmClock.shared.sleep(until: look)
                continue
            }
            // Pauses last for half a second and more, so looks at this distance see most of them.
            let wasPaused = isPaused()
            let start = ContinuousClock.now
            try? await AlarmClock.shared.sleep(until: min(look, start + Self.pauseCheck))
            if wasPaused {
                let pause = start.duration(to: .now)
                state.withLock { $0.deadline += pause }
            }
        }
        return nil
    }
}

extension Duration {
    /// The duration for a person: `250 ms`, `30 s`.
    fileprivate var formatted: String {
        self < .seconds(1) ? "\(Int(seconds * 1000)) ms" : "\(seconds.formatted(decimals: 0)) s"
    }
}
