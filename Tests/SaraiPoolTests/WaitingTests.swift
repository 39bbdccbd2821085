import SaraiBackends
import SaraiCore
import SaraiMemory
import Testing

@testable import SaraiPool

@Suite struct WaitingTests {
    @Test func aFullQueueRefusesAtOnce() throws {
        var pool = try PoolStateHarness(PoolStateHarness.local("lfm2"), server: "max_queue: 2")
        try pool.request("lfm2")
        try pool.request("lfm2")
        let third = try pool.request("lfm2")
        #expect(pool.error(third)?.code == .busy)
        #expect(pool.error(third)?.retryAfter != nil)
    }

    @Test func aWaitForASlotEndsAtItsDeadline() throws {
        var pool = try PoolStateHarness(PoolStateHarness.local("lfm2"))
        try pool.request("lfm2")
        try pool.load("lfm2")
        let request = try pool.request("lfm2", timeout: .seconds(5))
        pool.now += .seconds(4)
        pool.take(pool.state.tick(now: pool.now))
        #expect(pool.error(request) == nil)
        pool.now += .seconds(1)
        pool.take(pool.state.tick(now: pool.now))
        #expect(pool.error(request)?.code == .busy)
    }

    @Test func aWaitForALoadLastsAsLongAsTheLoad() throws {
        var pool = try PoolStateHarness(PoolStateHarness.local("lfm2"))
        let request = try pool.request("lfm2", timeout: .seconds(5))
        pool.take(pool.state.inspected(try pool.local("lfm2"), .success(PoolStateHarness.plan(.zero)), now: pool.now))
        pool.now += .seconds(100)
        pool.take(pool.state.tick(now: pool.now))
        #expect(pool.error(request) == nil)
        pool.take(pool.state.workerStarted(try pool.local("lfm2"), pid: 7, now: pool.now))
        pool.take(pool.state.workerReady(try pool.local("lfm2"), now: pool.now))
        #expect(pool.route(request) != nil)
    }

    @Test func aClientThatLeavesLosesItsPlaceAndNobodyElseDoes() throws {
        var pool = try PoolStateHarness(PoolStateHarness.local("lfm2"))
        let first = try pool.request("lfm2"), second = try pool.request("lfm2")
        pool.take(pool.state.withdraw(waiter: first, model: try pool.name("lfm2")))
        #expect(pool.error(first)?.code == .cancelled)
        try pool.load("lfm2")
        #expect(pool.route(second) != nil)
    }

    @Test func shutdownRefusesWhoWaitsAndWhoComes() throws {
        var pool = try PoolStateHarness(PoolStateHarness.local("lfm2"))
        let waiting = try pool.request("lfm2")
        pool.take(pool.state.shutDown())
        let late = try pool.request("lfm2")
        #expect(pool.error(waiting)?.code == .unavailable && pool.error(late)?.code == .unavailable)
    }

    /// Whatever happens in whatever order: slots and budget hold, nobody is answered twice, nobody is forgotten.
    @Test(arguments: 0..<40)
    func invariantsHoldUnderRandomEvents(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let models = PoolStateHarness.hybrid + "\n" + PoolStateHarness.local("lfm2", "slots: 2")
        var pool = try PoolStateHarness(models + "\n" + PoolStateHarness.local("omni"))
        var held: [Route] = []
        let asked = Needs.generation(hasMedia: false)
        var answered: Set<Int> = []
        var sent: [Int] = []
        for _ in 0..<400 {
            let model = try #require(["solar", "lfm2", "omni"].randomElement(using: &random))
            let id = try pool.local(model)
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2: sent.append(try pool.request(model, timeout: .seconds(30)))
            case 3...4: try pool.load(model, size: .mebibytes(Int.random(in: 50...700, using: &random)))
            case 5 where !held.isEmpty:
                pool.take(pool.state.release(held.removeFirst(), asked, .answered, now: pool.now))
            case 6: pool.take(pool.state.unload(id.model, now: pool.now))
            case 7 where pool.state[target: id]?.pid != nil:
                pool.take(pool.state.workerExited(id, reason: "crashed", now: pool.now))
            case 8: pool.fail(try pool.remote("solar"), .unreachable, "x")
            default:
                pool.now += .seconds(Int.random(in: 0...5, using: &random))
                pool.check(try pool.remote("solar"))
                pool.take(pool.state.tick(now: pool.now))
            }
            for (waiter, outcome) in pool.outcomes where answered.insert(waiter).inserted {
                if case .success(let route) = outcome {
                    held.append(route)
                }
            }
            for target in pool.state.models.values.flatMap(\.targets) {
                #expect(target.inFlight == held.count { $0.target == target.id })
                #expect(target.inFlight <= target.capacity || target.id.kind == .gguf)
            }
            #expect(pool.state.ledger.charged <= pool.state.ledger.budget)
        }
        let waiting = pool.state.models.values.flatMap(\.waiting).map(\.id)
        #expect(Set(sent) == answered.union(waiting))
        #expect(answered.isDisjoint(with: waiting))
    }
}

/// A small seeded generator (SplitMix64), so that a failing sequence can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
