import SaraiBackends
import SaraiCore
import Testing

@testable import SaraiPool

@Suite("Cores")
struct CoreTests {
    /// Two loaded models on two cores, each of which uses both.
    private func two() throws -> PoolStateHarness {
        let models = PoolStateHarness.local("big") + "\n" + PoolStateHarness.local("small")
        var pool = try PoolStateHarness(models)
        try pool.use("big", size: 600)
        try pool.use("small", size: 100)
        pool.pass(.seconds(60))
        return pool
    }

    @Test func oneRunsAndTheOtherIsHeldUntilItIsItsTurn() throws {
        var pool = try two()
        let big = try pool.local("big"), small = try pool.local("small")
        try pool.request("big")
        pool.pass(.seconds(10))
        try pool.request("small")
        #expect(pool.paused == [big], "what begins goes before what has run for long")
        var turns: Set<Set<TargetID>> = []
        for _ in 0..<100 {
            pool.pass(.milliseconds(100))
            turns.insert(pool.paused)
        }
        #expect(turns == [[big], [small]], "then they take turns")
        try pool.finish("small")
        #expect(pool.paused.isEmpty)
    }

    @Test func whoHasNothingToDoOrMustEndIsNotHeld() throws {
        var pool = try two()
        try pool.request("big")
        try pool.request("small")
        let held = try #require(pool.paused.first)
        pool.take(pool.state.unload(held.model, now: pool.now))
        #expect(pool.paused == [held], "it finishes its answer in its turns")
        try pool.finish(held.model.rawValue)
        #expect(pool.paused.isEmpty)
        #expect(pool.takeAsked().last == "stop \(held)")
    }

    @Test func whatNobodyWaitsForAnyMoreGoesAfterWhatSomebodyDoes() throws {
        var pool = try two()
        let big = try pool.local("big")
        let request = try pool.request("big")
        let route = try #require(pool.route(request))
        pool.take(pool.state.release(route, .generation(hasMedia: false), .abandoned, now: pool.now))
        #expect(pool.takeAsked().last == "settle \(big)")
        #expect(pool.paused.isEmpty)
        try pool.request("small")
        #expect(pool.paused == [big], "its client is gone, but it is still at its step")
        pool.take(pool.state.settled(big, run: route.run, now: pool.now))
        #expect(pool.paused.isEmpty)
    }

    @Test func aWorkerMustRunToShowThatItIsAlive() throws {
        var pool = try two()
        try pool.request("big")
        try pool.request("small")
        let held = try #require(pool.paused.first)
        pool.fail(held, .brokenOff, "reset")
        #expect(!pool.paused.contains(held))
        #expect(pool.takeAsked().last == "check \(held)")
    }
}
