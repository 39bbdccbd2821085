import Testing

@testable import SaraiPool

@Suite struct BreakerTests {
    private let start = ContinuousClock.now

    private func breaker(_ policy: BreakerPolicy = BreakerPolicy()) -> Breaker {
        Breaker(policy: policy, now: start)
    }

    /// A breaker that has just been ejected a number of times in a row, by failed probes.
    private func ejected(times: Int = 1, now: inout Breaker.Instant) throws -> Breaker {
        var breaker = breaker()
        let run = breaker.began(now: now)
        breaker.failed(.unreachable, reason: "refused", run: run, now: now)
        for _ in 1..<times {
            try openHalf(&breaker, now: &now)
            let probe = breaker.began(now: now)
            breaker.failed(.request, reason: "stalled", run: probe, now: now)
        }
        return breaker
    }

    /// Waits an ejection out, with good health checks.
    private func openHalf(_ breaker: inout Breaker, now: inout Breaker.Instant) throws {
        now = try #require(breaker.report(now: now).until)
        if breaker.checked(failure: nil, now: now) == nil {
            #expect(breaker.checked(failure: nil, now: now) == .halfOpened)
        }
        #expect(breaker.report(now: now).name == .halfOpen)
    }

    /// Ends an ejection with a probe that goes well.
    private func recover(_ breaker: inout Breaker, now: inout Breaker.Instant) throws {
        try openHalf(&breaker, now: &now)
        let probe = breaker.began(now: now)
        #expect(breaker.succeeded(run: probe, now: now) == .recovered)
    }

    @Test func aFreshBreakerIsClosedAndHasItsFullCapacity() {
        let breaker = breaker()
        #expect(breaker.isClosed)
        #expect(breaker.capacity(of: 8, now: start) == 8)
        #expect(breaker.admits(inFlight: 7, capacity: 8, now: start))
        #expect(!breaker.admits(inFlight: 8, capacity: 8, now: start))
        let report = breaker.report(now: start)
        #expect(
            report
                == .init(name: .closed, since: start, until: nil, reason: nil, lastError: nil, ejections: 0))
    }

    @Test func threeFailedRequestsInARowEjectAndASuccessBetweenThemDoesNot() {
        var breaker = breaker()
        let run = breaker.began(now: start)
        #expect(breaker.failed(.request, reason: "500", run: run, now: start) == nil)
        #expect(breaker.failed(.request, reason: "500", run: run, now: start) == nil)
        #expect(breaker.succeeded(run: run, now: start) == nil)
        #expect(breaker.failed(.request, reason: "500", run: run, now: start) == nil)
        // A health check does not show that requests go well.
        breaker.checked(failure: nil, now: start)
        #expect(breaker.failed(.request, reason: "500", run: run, now: start) == nil)
        let until = start + .seconds(1)
        #expect(
            breaker.failed(.request, reason: "stalled", run: run, now: start)
                == .ejected(until: until, reason: "stalled"))
        #expect(!breaker.isClosed)
        #expect(breaker.capacity(of: 8, now: until) == 0)
    }

    @Test(arguments: [Breaker.Failure.unreachable, .missingModel])
    func someFailuresEjectAtOnceAndOnlyAHealthCheckEndsIt(failure: Breaker.Failure) {
        var breaker = breaker()
        let run = breaker.began(now: start)
        let until = start + .seconds(1)
        #expect(
            breaker.failed(failure, reason: "gone", run: run, now: start) == .ejected(until: until, reason: "gone"))
        #expect(!breaker.admits(inFlight: 0, capacity: 8, now: until + .seconds(3600)))
        // Too early, but good to know.
        #expect(breaker.checked(failure: nil, now: until - .milliseconds(1)) == nil)
        #expect(!breaker.admits(inFlight: 0, capacity: 8, now: until))
        #expect(breaker.checked(failure: nil, now: until) == .halfOpened)
        #expect(breaker.admits(inFlight: 0, capacity: 8, now: until))
    }

    @Test func aFailedHealthCheckEjectsAndFurtherOnesPutTheEndOff() {
        var breaker = breaker()
        #expect(
            breaker.checked(failure: "refused", now: start)
                == .ejected(until: start + .seconds(1), reason: "refused"))
        let later = start + .seconds(20)
        #expect(breaker.checked(failure: "no route", now: later) == nil)
        let report = breaker.report(now: later)
        #expect(report.name == .open && report.since == start && report.until == later + .seconds(1))
        #expect(report.reason == "refused" && report.ejections == 1)
        #expect(report.lastError == .init(reason: "no route", at: later))
        #expect(breaker.checked(failure: nil, now: later) == nil)
        #expect(breaker.checked(failure: nil, now: later + .seconds(1)) == .halfOpened)
    }

    @Test func halfOpenAdmitsOneProbeWhoseEndDecides() throws {
        var now = start
        var good = try ejected(now: &now)
        try openHalf(&good, now: &now)
        // Requests from before the ejection may still take all its slots.
        #expect(good.admits(inFlight: 7, capacity: 8, now: now))
        #expect(!good.admits(inFlight: 8, capacity: 8, now: now))
        let probe = good.began(now: now)
        #expect(!good.admits(inFlight: 1, capacity: 8, now: now))
        var bad = good
        #expect(good.succeeded(run: probe, now: now) == .recovered)
        #expect(good.isClosed)
        #expect(
            bad.failed(.request, reason: "500", run: probe, now: now)
                == .ejected(until: now + .seconds(2), reason: "500"))
    }

    @Test func aProbeWhoseClientLeavesMakesWayForAnother() throws {
        var now = start
        var breaker = try ejected(now: &now)
        try openHalf(&breaker, now: &now)
        let probe = breaker.began(now: now)
        breaker.abandoned(run: probe)
        #expect(breaker.report(now: now).name == .halfOpen)
        #expect(breaker.admits(inFlight: 0, capacity: 8, now: now))
    }

    @Test func requestsFromBeforeTheEjectionDecideNothing() throws {
        var now = start
        var breaker = breaker()
        let early = breaker.began(now: now)
        breaker.failed(.unreachable, reason: "refused", run: early, now: now)
        #expect(breaker.succeeded(run: early, now: now) == nil && !breaker.isClosed)
        try openHalf(&breaker, now: &now)
        let before = breaker.state
        #expect(breaker.failed(.unreachable, reason: "reset", run: early, now: now) == nil)
        #expect(breaker.succeeded(run: early, now: now) == nil)
        #expect(breaker.state == before)
        #expect(breaker.lastError == .init(reason: "reset", at: now))
        let probe = breaker.began(now: now)
        breaker.abandoned(run: early)
        #expect(!breaker.admits(inFlight: 0, capacity: 8, now: now))
        #expect(breaker.succeeded(run: probe, now: now) == .recovered)
        for _ in 0..<3 {
            #expect(breaker.failed(.unreachable, reason: "reset", run: early, now: now) == nil)
        }
        #expect(breaker.isClosed)
    }

    @Test func aHealthCheckThatFailsDuringTheProbeEjectsAndMakesTheProbeStale() throws {
        var now = start
        var breaker = try ejected(now: &now)
        try openHalf(&breaker, now: &now)
        let stale = breaker.began(now: now)
        breaker.checked(failure: "refused", now: now)
        try openHalf(&breaker, now: &now)
        let probe = breaker.began(now: now)
        breaker.abandoned(run: stale)
        #expect(!breaker.admits(inFlight: 0, capacity: 8, now: now))
        #expect(breaker.succeeded(run: stale, now: now) == nil)
        #expect(breaker.succeeded(run: probe, now: now) == .recovered)
    }

    @Test func repeatedEjectionsNeedSeveralGoodChecksInARow() throws {
        var now = start
        var breaker = try ejected(times: 2, now: &now)
        now = try #require(breaker.report(now: now).until)
        #expect(breaker.checked(failure: nil, now: now) == nil)
        #expect(breaker.checked(failure: "refused", now: now) == nil)
        now += .seconds(5)
        #expect(breaker.checked(failure: nil, now: now) == nil)
        #expect(breaker.checked(failure: nil, now: now) == .halfOpened)
    }

    @Test func ejectionsDoubleUpToALimit() throws {
        var lengths: [Duration] = []
        for times in 1...9 {
            var now = start
            let breaker = try ejected(times: times, now: &now)
            #expect(breaker.report(now: now).ejections == times)
            lengths.append(try #require(breaker.report(now: now).until) - now)
        }
        #expect(lengths == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
        #expect(BreakerPolicy().ejection(number: 1_000_000) == .seconds(60))
    }

    @Test(arguments: [(times: 1, memory: 60), (times: 4, memory: 80), (times: 7, memory: 600)])
    func growthIsForgottenAfterTheTargetWasClosedForLong(times: Int, memory: Int) throws {
        var now = start
        var forgetful = try ejected(times: times, now: &now)
        try recover(&forgetful, now: &now)
        var mindful = forgetful
        let soon = now + .seconds(memory) - .milliseconds(1), later = now + .seconds(memory)
        #expect(mindful.report(now: soon).ejections == times)
        mindful.checked(failure: "refused", now: soon)
        #expect(mindful.report(now: soon).ejections == times + 1)
        #expect(forgetful.report(now: later).ejections == 0)
        #expect(
            forgetful.checked(failure: "refused", now: later)
                == .ejected(until: later + .seconds(1), reason: "refused"))
        #expect(forgetful.report(now: later).ejections == 1)
    }

    @Test func capacityGrowsEvenlyAfterAReturn() throws {
        var now = start
        var breaker = try ejected(now: &now)
        try openHalf(&breaker, now: &now)
        #expect(breaker.capacity(of: 11, now: now) == 1)
        #expect(breaker.capacity(of: 0, now: now) == 0)
        breaker.succeeded(run: breaker.began(now: now), now: now)
        #expect((0...12).map { breaker.capacity(of: 11, now: now + .seconds($0)) } == Array(1...11) + [11, 11])
        #expect(!breaker.admits(inFlight: 1, capacity: 11, now: now))
        #expect(breaker.admits(inFlight: 1, capacity: 11, now: now + .seconds(1)))
        #expect(breaker.capacity(of: 1, now: now) == 1)
        let report = breaker.report(now: now)
        #expect(report.name == .recovering && report.since == now && report.until == now + .seconds(10))
        #expect(report.reason == nil && report.lastError == .init(reason: "refused", at: start))
        let after = breaker.report(now: now + .seconds(10))
        #expect(after.name == .closed && after.since == now && after.until == nil)
        #expect([report.name, after.name, .halfOpen].map(\.rawValue) == ["recovering", "closed", "half_open"])
    }
}
