import Testing

@testable import SaraiPool

/// What holds of a breaker whatever is reported, in whatever order.
@Suite struct BreakerPropertyTests {
    /// A target with its requests, driven at random.
    private struct Driver {
        var random: SplitMix
        var now = ContinuousClock.now
        var breaker: Breaker
        /// Requests that run, by the run that each belongs to.
        var running: [Int] = []
        /// How many of those were sent while half-open since it last came to be so.
        var probes = 0
        var transitions: [Breaker.Transition] = []
        let capacity = 4

        init(seed: UInt64) {
            random = SplitMix(state: seed)
            breaker = Breaker(now: now)
        }

        var isHalfOpen: Bool { breaker.report(now: now).name == .halfOpen }

        mutating func begin() {
            guard breaker.admits(inFlight: running.count, capacity: capacity, now: now) else {
                return
            }
            probes += isHalfOpen ? 1 : 0
            running.append(breaker.began(now: now))
        }

        mutating func endOne() -> Int? {
            running.isEmpty ? nil : running.remove(at: Int.random(in: running.indices, using: &random))
        }

        mutating func abandon() {
            guard let run = endOne() else {
                return
            }
            breaker.abandoned(run: run)
            probes -= isHalfOpen && run == breaker.run ? 1 : 0
        }

        mutating func succeed() {
            guard let run = endOne() else {
                return
            }
            note(breaker.succeeded(run: run, now: now))
        }

        mutating func fail() {
            guard let run = endOne() else {
                return
            }
            let kinds = [Breaker.Failure.unreachable, .request, .request, .request, .missingModel]
            let kind = kinds[Int.random(in: kinds.indices, using: &random)]
            note(breaker.failed(kind, reason: "failed", run: run, now: now))
        }

        mutating func check(failure: String?) {
            note(breaker.checked(failure: failure, now: now))
        }

        mutating func pass() {
            now += .milliseconds(Int.random(in: 0...3000, using: &random))
        }

        mutating func step() {
            switch Int.random(in: 0..<12, using: &random) {
            case 0...2: begin()
            case 3: abandon()
            case 4...5: succeed()
            case 6: fail()
            case 7...8: check(failure: nil)
            case 9: check(failure: Int.random(in: 0..<4, using: &random) == 0 ? "refused" : nil)
            default: pass()
            }
        }

        private mutating func note(_ transition: Breaker.Transition?) {
            guard let transition else {
                return
            }
            transitions.append(transition)
            probes = 0
        }
    }

    @Test func everyTransitionHappensInRandomRuns() {
        var ejections = 0, halfOpenings = 0, recoveries = 0
        for seed in 0..<40 {
            var driver = Driver(seed: UInt64(seed))
            for _ in 0..<500 {
                driver.step()
            }
            for transition in driver.transitions {
                switch transition {
                case .ejected: ejections += 1
                case .halfOpened: halfOpenings += 1
                case .recovered: recoveries += 1
                }
            }
        }
        // Else the tests below would prove little.
        #expect(ejections > 100 && halfOpenings > 100 && recoveries > 50)
    }

    @Test(arguments: 0..<40)
    func neverMoreThanOneProbeAndNoneWhileOpen(seed: UInt64) {
        var driver = Driver(seed: seed)
        for _ in 0..<500 {
            let before = driver.breaker.report(now: driver.now), sent = driver.running.count
            driver.step()
            #expect(driver.probes <= 1)
            if before.name == .open {
                #expect(driver.running.count <= sent)
            }
            let admits = driver.breaker.admits(inFlight: driver.running.count, capacity: 4, now: driver.now)
            switch driver.breaker.state {
            case .open: #expect(!admits)
            case .halfOpen: #expect(admits == (driver.probes == 0 && driver.running.count < 4))
            case .closed: #expect(1...4 ~= driver.breaker.capacity(of: 4, now: driver.now))
            }
        }
    }

    /// Ejections have their length, grow by doubling in a row, and none ends before its time.
    @Test(arguments: 0..<40)
    func ejectionsEndNeitherBeforeTheirTimeNorWithoutAGoodCheck(seed: UInt64) {
        var driver = Driver(seed: seed)
        for _ in 0..<500 {
            let before = driver.breaker, seen = driver.transitions.count, now = driver.now
            driver.step()
            guard driver.transitions.count > seen, let transition = driver.transitions.last else {
                if case .closed = before.state {
                    #expect(driver.breaker.isClosed)
                } else {
                    #expect(!driver.breaker.isClosed)
                }
                continue
            }
            switch (before.state, transition) {
            case (.closed, .ejected(let until, _)), (.halfOpen, .ejected(let until, _)):
                #expect(.seconds(1)...(.seconds(60)) ~= until - now)
                #expect(driver.breaker.run == before.run + 1)
            case (.open(_, let until, _, _), .halfOpened):
                #expect(now >= until)
            case (.halfOpen, .recovered):
                #expect(driver.breaker.isClosed)
            default:
                Issue.record("\(before.state) must not lead to \(transition)")
            }
        }
    }

    /// However bad it was: from when health checks are good, the target is tried within the longest ejection and the checks
    /// that hysteresis asks for, and one request that goes well brings it back.
    @Test(arguments: 0..<40)
    func aTargetThatAnswersChecksIsTriedAgainInTime(seed: UInt64) {
        var driver = Driver(seed: seed)
        for _ in 0..<Int.random(in: 50...500, using: &driver.random) {
            driver.step()
        }
        while !driver.running.isEmpty {
            driver.abandon()
        }
        let limit = driver.now + .seconds(60 + 2 * 5)
        while !driver.breaker.admits(inFlight: 0, capacity: 4, now: driver.now), driver.now <= limit {
            driver.now += .seconds(5)
            driver.check(failure: nil)
        }
        #expect(driver.now <= limit)
        driver.begin()
        #expect(driver.running.count == 1)
        driver.succeed()
        #expect(driver.breaker.isClosed)
        #expect(driver.breaker.capacity(of: 4, now: driver.now + .seconds(10)) == 4)
    }

    @Test(arguments: 0..<40)
    func clientsThatLeaveNeverEject(seed: UInt64) {
        var driver = Driver(seed: seed)
        for _ in 0..<500 {
            switch Int.random(in: 0..<4, using: &driver.random) {
            case 0...1: driver.begin()
            case 2: driver.abandon()
            default: driver.pass()
            }
            #expect(driver.breaker.isClosed && driver.breaker.capacity(of: 4, now: driver.now) == 4)
        }
        #expect(driver.transitions.isEmpty && driver.breaker.lastError == nil)
    }

    /// A client that leaves changes nothing between the failures of others either.
    @Test func clientsThatLeaveDoNotEndARowOfFailures() {
        let now = ContinuousClock.now
        var breaker = Breaker(now: now)
        for _ in 0..<2 {
            let run = breaker.began(now: now)
            #expect(breaker.failed(.request, reason: "500", run: run, now: now) == nil)
            breaker.abandoned(run: breaker.began(now: now))
        }
        let run = breaker.began(now: now)
        #expect(breaker.failed(.request, reason: "500", run: run, now: now) != nil)
    }
}
