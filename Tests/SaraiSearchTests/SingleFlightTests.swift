import Testing

@testable import SaraiSearch

@Suite struct SingleFlightTests {
    private struct Refused: Error {}

    private let flights = SingleFlight<String, Int>()
    private let gate = Counter()
    private let begun = Counter()

    private func waitForGate() async throws {
        try await waitUntil { gate.value > 0 }
    }

    private func openGate() {
        gate.increment()
    }

    @Test func thoseWhoWantTheSameShareIt() async throws {
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask { [self] in
                    try await flights.run("a") { [self] in
                        try await waitForGate()
                        return begun.increment()
                    }
                }
            }
            try await waitUntil { flights.waiting == 50 }
            openGate()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(values == Array(repeating: 1, count: 50))
        let later = try await flights.run("a") { [self] in begun.increment() }
        #expect(later == 2)
        #expect(flights.waiting == 0)
    }

    @Test func failuresAreSharedToo() async throws {
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<5 {
                group.addTask { [self] in
                    do {
                        _ = try await flights.run("a") { [self] in
                            try await waitUntil { flights.waiting == 5 }
                            throw Refused()
                        }
                        return false
                    } catch {
                        return error is Refused
                    }
                }
            }
            for await isRefused in group {
                #expect(isRefused)
            }
        }
    }

    @Test func whoLeavesDoesNotDisturbTheOthers() async throws {
        let body: @Sendable () async throws -> Int = { [self] in
            begun.increment()
            try await waitForGate()
            return 7
        }
        let leaver = Task { [self] in try await flights.run("a", body) }
        let stayer = Task { [self] in try await flights.run("a", body) }
        try await waitUntil { flights.waiting == 2 && begun.value == 1 }
        leaver.cancel()
        // It leaves at once, and not when the answer comes.
        await #expect(throws: CancellationError.self) { try await leaver.value }
        openGate()
        #expect(try await stayer.value == 7)
        #expect(begun.value == 1)
    }

    @Test func theLastToLeaveEndsIt() async throws {
        let ended = Counter()
        let first = Task { [self] in
            try await flights.run("a") { [self] in
                begun.increment()
                do {
                    try await waitForGate()
                } catch {
                    ended.increment()
                    throw error
                }
                return 1
            }
        }
        try await waitUntil { begun.value == 1 }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        try await waitUntil { ended.value == 1 }
        // Who comes then begins anew, and gets nothing of what was given up.
        let later = try await flights.run("a") { 2 }
        #expect(later == 2)
        #expect(flights.waiting == 0)
    }

    @Test func whoHasLeftAlreadyGetsNothing() async throws {
        let task = Task { [self] in
            try await waitForGate()
            return 0
        }
        task.cancel()
        let late = Task { [self] in
            _ = try? await task.value
            withUnsafeCurrentTask { $0?.cancel() }
            return try await flights.run("a") { 1 }
        }
        await #expect(throws: CancellationError.self) { try await late.value }
        #expect(flights.waiting == 0)
    }
}
