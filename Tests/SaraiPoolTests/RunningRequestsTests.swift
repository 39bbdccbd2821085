import SaraiCore
import Testing

@testable import SaraiPool

@Suite("The requests that are being answered")
struct RunningRequestsTests {
    /// Lets a request run until it is told to end.
    private static func untilCancelled() async throws {
        let (never, _) = AsyncStream.makeStream(of: Never.self)
        for await _ in never {}
        try Task.checkCancellation()
    }

    @Test("a request's answer and its error come through, and then there is none")
    func through() async throws {
        let requests = RunningRequests()
        #expect(try await requests.run { 7 } == 7)
        await #expect(throws: PoolError(.busy, "no")) { try await requests.run { throw PoolError(.busy, "no") } }
        await requests.waitUntilNone()
    }

    @Test("all end with the same error, also one that comes later, and only then there is none")
    func ended() async throws {
        let requests = RunningRequests()
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: PoolError?.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    do {
                        try await requests.run {
                            begin.yield()
                            try await Self.untilCancelled()
                        }
                        return nil
                    } catch {
                        return error as? PoolError
                    }
                }
            }
            var count = 0
            for await _ in begun {
                count += 1
                if count == 3 {
                    break
                }
            }
            requests.endAll()
            await requests.waitUntilNone()
            for await error in group {
                #expect(error == .shuttingDown)
            }
        }
        await #expect(throws: PoolError.shuttingDown) { try await requests.run { try await Self.untilCancelled() } }
    }

    @Test("a request that is cancelled by its client is no end of the daemon")
    func cancelled() async {
        let requests = RunningRequests()
        let task = Task { try await requests.run { try await Self.untilCancelled() } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        await requests.waitUntilNone()
    }
}
