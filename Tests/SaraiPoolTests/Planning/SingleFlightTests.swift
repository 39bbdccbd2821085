import Synchronization
import Testing

@testable import SaraiPool

@Suite("Work that several want at the same time")
struct SingleFlightTests {
    private struct Fault: Error {}

    private final class Counter: Sendable {
        let value = Atomic(0)
    }

    @Test("is done once for all")
    func once() async throws {
        let flights = SingleFlight<String>()
        let counter = Counter()
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await flights.run("same") {
                        counter.value.add(1, ordering: .relaxed)
                        for await _ in gate {}
                    }
                }
            }
            group.addTask {
                // Ends the work when all have had the chance to ask for it.
                for _ in 0..<100 {
                    await Task.yield()
                }
                try await flights.run("other") {}
                open.finish()
            }
            try await group.waitForAll()
        }
        #expect(counter.value.load(ordering: .relaxed) == 1)
    }

    @Test("fails for all, and may be tried again")
    func failure() async throws {
        let flights = SingleFlight<String>()
        await #expect(throws: Fault.self) { try await flights.run("a") { throw Fault() } }
        try await flights.run("a") {}
    }
}
