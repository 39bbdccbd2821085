import SaraiCore
import Synchronization

/// The requests that are being answered: to wait for their end, or to end them all.
final class RunningRequests: Sendable {
    private struct State {
        var ends: [Int: AsyncStream<Never>.Continuation] = [:]
        var next = 0
        /// Those who wait for the end of the last one.
        var waiting: [AsyncStream<Never>.Continuation] = []
        var isEnding = false
    }

    private let state = Mutex(State())

    /// Runs `body` as a request, and cancels it when all requests are ended.
    ///
    /// - Throws: ``SaraiCore/PoolError/shuttingDown`` when they are; otherwise what `body` throws.
    func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let (end, sender) = AsyncStream.makeStream(of: Never.self)
        let id = add(sender)
        defer { remove(id) }
        return try await withThrowingTaskGroup(of: Result.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await body() }
            group.addTask {
                for await _ in end {}
                throw Task.isCancelled ? CancellationError() : PoolError.shuttingDown
            }
            guard let result = try await group.next() else {
                throw CancellationError()
            }
            return result
        }
    }

    /// Ends all requests with an error, and those to come.
    func endAll() {
        let ends = state.withLock { state in
            state.isEnding = true
            return Array(state.ends.values)
        }
        ends.forEach { $0.finish() }
    }

    /// Waits until there is none.
    func waitUntilNone() async {
        let (none, sender) = AsyncStream.makeStream(of: Never.self)
        let isRunning = state.withLock { state in
            if !state.ends.isEmpty {
                state.waiting.append(sender)
            }
            return !state.ends.isEmpty
        }
        if isRunning {
            for await _ in none {}
        }
    }

    private func add(_ end: AsyncStream<Never>.Continuation) -> Int {
        let (id, isEnding) = state.withLock { state in
            state.next += 1
            state.ends[state.next] = end
            return (state.next, state.isEnding)
        }
        if isEnding {
            end.finish()
        }
        return id
    }

    private func remove(_ id: Int) {
        let waiting = state.withLock { state in
            state.ends[id] = nil
            guard state.ends.isEmpty else {
                return [] as [AsyncStream<Never>.Continuation]
            }
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach { $0.finish() }
    }
}
