import SaraiBackends
import SaraiCore
import SaraiMemory
import Testing

@testable import SaraiPool

@Suite struct SupervisionTests {
    @Test func backOffDoublesUpToALimitAndEnds() {
        let policy = RestartPolicy()
        #expect(policy.verdict(failures: 1) == .retry(after: .zero))
        #expect(policy.verdict(failures: 2) == .retry(after: .milliseconds(500)))
        #expect(policy.verdict(failures: 3) == .retry(after: .seconds(1)))
        #expect(policy.verdict(failures: 4) == .retry(after: .seconds(2)))
        #expect(policy.verdict(failures: 5) == .giveUp)
        var patient = RestartPolicy()
        patient.maximumFailures = 100
        #expect(patient.verdict(failures: 60) == .retry(after: .seconds(30)))
    }

    @Test func aKilledWorkerIsStartedForTheNextRequestAtOnce() throws {
        var pool = try ready("lfm2")
        pool.take(pool.state.workerExited(try pool.local("lfm2"), reason: "killed", now: pool.now))
        #expect(pool.state.ledger.charged == .zero)
        try pool.request("lfm2")
        #expect(pool.takeAsked() == ["inspect lfm2/gguf_native"])
    }

    @Test func aModelThatCannotStartIsReportedAndNotRetriedForEver() throws {
        var pool = try PoolStateHarness(PoolStateHarness.local("lfm2"))
        let id = try pool.local("lfm2")
        var starts = 0
        for _ in 0..<20 {
            let request = try pool.request("lfm2", timeout: .seconds(1000))
            try failToStart(&pool, id)
            starts += pool.takeAsked().count { $0.hasPrefix("start") }
            pool.now += .seconds(10)
            pool.take(pool.state.tick(now: pool.now))
            starts += pool.takeAsked().count { $0.hasPrefix("start") }
            _ = request
        }
        #expect(starts <= RestartPolicy().maximumFailures)
        let request = try pool.request("lfm2")
        #expect(pool.error(request)?.code == .unavailable)
        #expect(pool.error(request)?.message.contains("no such architecture") == true)
        #expect(pool.error(request)?.message.contains("5 failures in a row") == true)
    }

    @Test func aFailedModelGetsAnotherChanceAfterItsPardonOrByHand() throws {
        var pool = try PoolStateHarness(PoolStateHarness.local("lfm2"))
        let id = try pool.local("lfm2")
        pool.state.update(id) { $0.phase = .failed(until: pool.now + .seconds(300), reason: "broken") }
        let refused = try pool.request("lfm2")
        #expect(pool.error(refused) != nil)
        pool.now += .seconds(301)
        try pool.request("lfm2")
        #expect(pool.takeAsked() == ["inspect lfm2/gguf_native"])
        pool.state.update(id) { $0.phase = .failed(until: pool.now + .seconds(300), reason: "broken") }
        pool.take(pool.state.unload(id.model, now: pool.now))
        try pool.request("lfm2")
        #expect(pool.takeAsked() == ["inspect lfm2/gguf_native"])
    }

    @Test func aRequestWaitsOutTheBackOffUnlessAnotherTargetAnswers() throws {
        var pool = try PoolStateHarness(PoolStateHarness.hybrid)
        let id = try pool.local("solar"), remote = try pool.remote("solar")
        pool.fail(remote, .unreachable, "down")
        pool.state.update(id) { $0.phase = .backingOff(until: pool.now + .seconds(1), reason: "crashed") }
        let request = try pool.request("solar")
        #expect(pool.error(request) == nil && pool.takeAsked().isEmpty)
        pool.now += .seconds(1)
        pool.take(pool.state.tick(now: pool.now))
        #expect(pool.takeAsked() == ["inspect solar/gguf_native"])
    }

    @Test func nobodyIsSentToAWorkerThatBrokeOffUntilItWasSeenWell() throws {
        var pool = try ready("lfm2")
        let id = try pool.local("lfm2")
        pool.fail(id, .brokenOff, "reset")
        #expect(pool.takeAsked() == ["check lfm2/gguf_native"])
        let request = try pool.request("lfm2")
        #expect(pool.route(request) == nil)
        pool.check(id)
        #expect(pool.route(request) != nil)
    }

    @Test func aWorkerThatLivesButDoesNotAnswerIsReplaced() throws {
        var pool = try ready("lfm2")
        let id = try pool.local("lfm2")
        pool.fail(id, .brokenOff, "stalled")
        pool.check(id, failure: "no answer within 5 s")
        #expect(pool.takeAsked() == ["check lfm2/gguf_native", "stop lfm2/gguf_native"])
        pool.take(pool.state.workerExited(id, reason: "killed by somebody", now: pool.now))
        let reason = pool.events.last { $0.kind == .killed }?.reason
        #expect(reason?.contains("did not answer any more and was ended: no answer within 5 s") == true)
    }

    @Test func aWorkerWithoutMemoryIsReplaced() throws {
        var pool = try ready("lfm2")
        let id = try pool.local("lfm2")
        pool.fail(id, .outOfMemory)
        pool.fail(id, .outOfMemory)
        #expect(pool.takeAsked() == ["stop lfm2/gguf_native"])
        let request = try pool.request("lfm2")
        pool.take(pool.state.workerExited(id, reason: "stopped", now: pool.now))
        try pool.load("lfm2")
        #expect(pool.route(request) != nil)
    }

    /// A pool whose one model is loaded and idle.
    private func ready(_ model: String) throws -> PoolStateHarness {
        var pool = try PoolStateHarness(PoolStateHarness.local(model))
        try pool.request(model)
        try pool.load(model)
        pool.release(try pool.local(model))
        _ = pool.takeAsked()
        return pool
    }

    /// Lets a start that was asked for, if any, fail.
    private func failToStart(_ pool: inout PoolStateHarness, _ id: TargetID) throws {
        guard pool.state[target: id]?.phase == .inspecting else {
            return
        }
        pool.take(pool.state.inspected(id, .success(PoolStateHarness.plan(.zero)), now: pool.now))
        pool.take(pool.state.workerExited(id, reason: "no such architecture", now: pool.now))
    }
}
