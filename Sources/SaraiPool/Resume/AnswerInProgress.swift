import SaraiBackends
import SaraiCore
import Synchronization

/// Carries an answer from targets to its reader.
final class AnswerInProgress: Sendable {
    private struct State {
        var progress: AnswerProgress
        var meter: AnswerMeter
        var isCommitted = false
        /// The target that is at it.
        var route: Route?
    }

    private let state: Mutex<State>
    private let sink: GenerationSink
    private let isWhole: Bool

    /// An answer of which nothing is there yet.
    ///
    /// - Parameters:
    ///   - request: what is to be answered.
    ///   - isWhole: whether the reader gets it in one piece.
    ///   - meter: counts its pieces.
    ///   - sink: where it goes.
    init(_ request: GenerationRequest, isWhole: Bool, meter: AnswerMeter, sink: GenerationSink) {
        state = Mutex(State(progress: AnswerProgress(request, isWhole: isWhole), meter: meter))
        self.sink = sink
        self.isWhole = isWhole
    }

    /// How far it is.
    var stage: AnswerProgress.Stage {
        state.withLock(\.progress.stage)
    }

    /// Forgets what there is of the answer, if its reader gets it in one piece and so has seen nothing of it.
    ///
    /// - Returns: whether it did.
    func startAnew() -> Bool {
        state.withLock { $0.progress.startAnew() }
    }

    /// Lets a target make the answer, or go on with it, to its end.
    ///
    /// - Parameters:
    ///   - lease: the target.
    ///   - started: called when its first event has come.
    /// - Throws: what its backend throws; not after the end of the answer.
    func go(on lease: Lease, started: @escaping @Sendable () -> Void) async throws {
        var counted: Int?
        if let text = state.withLock({ $0.progress.textToContinue }) {
            // Not worth failing for; and if the target does not answer, that shows right below.
            counted = try? await lease.backend.countTokens(text)
        }
        let (request, isWatching) = state.withLock { state in
            state.route = lease.route
            state.meter.begin(lease.route.target)
            return (state.progress.next(counted: counted, now: .now), state.progress.watchesStops)
        }
        if let request {
            try await ask(lease, request, isWatching: isWatching, started: started)
        } else {
            deliver(state.withLock { $0.progress.finishAtLimit() }, route: lease.route)
        }
    }

    /// Whether the answer is complete. Then nothing that goes wrong afterwards is of interest.
    var isFinished: Bool {
        state.withLock(\.progress.isFinished)
    }

    /// Hands over a complete answer to a reader who wants it whole.
    func conclude() {
        let (route, kept) = state.withLock { ($0.route, $0.progress.kept) }
        if isWhole, let route {
            commit(to: route)
            kept.forEach(sink.emit)
        }
    }

    private func ask(
        _ lease: Lease, _ request: GenerationRequest, isWatching: Bool, started: @escaping @Sendable () -> Void
    ) async throws {
        let (stopped, stop) = AsyncStream.makeStream(of: Void.self)
        let work = { @Sendable [self] in
            try await lease.backend.generate(request) { [self] event in
                let step = state.withLock { state in
                    let now = ContinuousClock.now
                    state.meter.take(event, now: now)
                    return state.progress.take(event, now: now)
                }
                if step.isFirst {
                    started()
                }
                deliver(step.events, route: lease.route)
                if step.isStopped {
                    stop.finish()
                }
            }
        }
        do {
            isWatching ? try await Self.run(work, until: stopped) : try await work()
        } catch  where isFinished {
            // The answer is complete; what went wrong after that is of no interest.
        }
    }

    private func deliver(_ events: [GenerationEvent], route: Route) {
        guard !events.isEmpty, !isWhole else {
            return
        }
        commit(to: route)
        events.forEach(sink.emit)
    }

    /// The first target that sends something is the one that is told.
    private func commit(to route: Route) {
        let isFirst = state.withLock { state in
            defer { state.isCommitted = true }
            return !state.isCommitted
        }
        if isFirst {
            sink.commit(to: route)
        }
    }

    /// Runs `work` to its end, or until the stream ends.
    private static func run(
        _ work: @escaping @Sendable () async throws -> Void, until stopped: AsyncStream<Void>
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await work() }
            group.addTask {
                for await _ in stopped {}
                try Task.checkCancellation()
            }
            try await group.next()
        }
    }
}
