import Testing

@testable import SaraiCore

@Suite struct AlarmClockTests {
    private let clock = AlarmClock()

    @Test func nobodyWakesBeforeTheirTime() async throws {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for milliseconds in [90, 60, 30, 60] {
                group.addTask { [clock] in
                    try await clock.sleep(until: start + .milliseconds(milliseconds))
                    #expect(start.duration(to: .now) >= .milliseconds(milliseconds))
                }
            }
            try await group.waitForAll()
        }
        #expect(clock.sleepers == 0)
    }

    @Test func whoComesLaterMayWakeEarlier() async throws {
        let late = Task { [clock] in try await clock.sleep(for: .seconds(600)) }
        while clock.sleepers == 0 {
            await Task.yield()
        }
        try await clock.sleep(for: .milliseconds(10))
        #expect(clock.sleepers == 1)
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
    }

    @Test func aTimeThatIsOverIsNoSleep() async throws {
        try await clock.sleep(until: .now - .seconds(1))
        #expect(clock.sleepers == 0)
    }

    @Test func aCancelledSleeperIsForgotten() async throws {
        let task = Task { [clock] in try await clock.sleep(for: .seconds(600)) }
        while clock.sleepers == 0 {
            await Task.yield()
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(clock.sleepers == 0)
    }

    @Test func whoIsCancelledAlreadyDoesNotSleep() async throws {
        for _ in 0..<200 {
            let task = Task { [clock] in try await clock.sleep(for: .seconds(600)) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        #expect(clock.sleepers == 0)
    }

    @Test func othersSleepOnWhenTheEarliestIsGone() async throws {
        let early = Task { [clock] in try await clock.sleep(for: .milliseconds(40)) }
        while clock.sleepers == 0 {
            await Task.yield()
        }
        let start = ContinuousClock.now
        async let late: Void = clock.sleep(until: start + .milliseconds(80))
        early.cancel()
        try await late
        #expect(start.duration(to: .now) >= .milliseconds(80))
    }
}
