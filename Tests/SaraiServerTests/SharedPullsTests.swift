import SaraiCore
import Synchronization
import Testing

@testable import SaraiServer

@Suite("Fetches that clients share")
struct SharedPullsTests {
    @Test("are done once; all who watch are told the end, however it ends")
    func shared() async throws {
        let pulls = SharedPulls<String>()
        for failure in [nil, PoolError(.badGateway, "the hub is gone")] {
            let work = HeldWork(failure: failure)
            let watches = try (0..<3).map { _ in try pulls.watch("tiny", work: work.run) }
            try await work.begun()
            work.release()
            for watch in watches {
                var last: PullWatch.Line?
                for await line in watch.lines {
                    last = line
                }
                switch last {
                case .success: #expect(failure == nil)
                case .failure(let error): #expect(error.code == failure?.code)
                case nil: Issue.record("no line")
                }
            }
            #expect(work.count == 1)
        }
    }

    @Test("two run at the same time, and the next when one has ended")
    func capacity() async throws {
        let pulls = SharedPulls<String>()
        let work = HeldWork()
        let first = try pulls.watch("one", work: work.run)
        let second = try pulls.watch("two", work: work.run)
        let error = #expect(throws: PoolError.self) {
            try pulls.watch("three", work: work.run)
        }
        #expect(error?.code == .busy && error?.retryAfter != nil)
        _ = try pulls.watch("two", work: work.run)
        first.leave()
        let third = try pulls.watch("three", work: work.run)
        work.release()
        for watch in [second, third] {
            for await line in watch.lines {
                _ = try line.get()
            }
        }
    }

    @Test("end when the last who watches leaves or is let go, and the next begins after that")
    func abandoned() async throws {
        let pulls = SharedPulls<String>()
        let work = HeldWork()
        do {
            let forgotten = try pulls.watch("tiny", work: work.run)
            let left = try pulls.watch("tiny", work: work.run)
            try await work.begun()
            left.leave()
            #expect(work.cancelled == 0)
            withExtendedLifetime(forgotten) {}
        }
        let next = try pulls.watch("tiny", work: work.run)
        work.release()
        for await line in next.lines {
            _ = try line.get()
        }
        #expect(work.count == 2 && work.cancelled == 1)
        #expect(work.mostAtOnce == 1)
    }
}

/// Work that goes on until it is released or cancelled.
private final class HeldWork: Sendable {
    private struct State {
        var count = 0
        var running = 0
        var mostAtOnce = 0
        var cancelled = 0
        var isReleased = false
    }

    private let state = Mutex(State())
    private let failure: PoolError?

    init(failure: PoolError? = nil) {
        self.failure = failure
    }

    var count: Int { state.withLock(\.count) }
    var cancelled: Int { state.withLock(\.cancelled) }
    var mostAtOnce: Int { state.withLock(\.mostAtOnce) }

    @Sendable func run(_ report: @escaping @Sendable (PullLine) -> Void) async throws {
        state.withLock { state in
            state.count += 1
            state.running += 1
            state.mostAtOnce = max(state.mostAtOnce, state.running)
        }
        defer { state.withLock { $0.running -= 1 } }
        report(.status("pulling"))
        do {
            while !state.withLock(\.isReleased) {
                try await Task.sleep(for: .milliseconds(1))
            }
        } catch {
            state.withLock { $0.cancelled += 1 }
            throw error
        }
        if let failure {
            throw failure
        }
    }

    func begun() async throws {
        while count == 0 {
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    func release() {
        state.withLock { $0.isReleased = true }
    }
}
