import SaraiCore
import SaraiMemory
import Testing

@testable import SaraiPool

@Suite struct LoadingTests {
    @Test func manyRequestsCauseOneLoad() throws {
        var pool = try PoolStateHarness(PoolStateHarness.local("lfm2", "slots: 4"))
        let requests = try (0..<4).map { _ in try pool.request("lfm2") }
        #expect(pool.takeAsked() == ["inspect lfm2/gguf_native"])
        try pool.load("lfm2")
        #expect(pool.takeAsked() == ["start lfm2/gguf_native"])
        #expect(requests.allSatisfy { pool.route($0) != nil })
    }

    @Test func slotsAreGivenInOrder() throws {
        var pool = try PoolStateHarness(PoolStateHarness.local("lfm2"))
        let first = try pool.request("lfm2"), second = try pool.request("lfm2"), third = try pool.request("lfm2")
        try pool.load("lfm2")
        #expect(pool.route(first) != nil && pool.route(second) == nil)
        pool.release(try pool.local("lfm2"))
        #expect(pool.route(second) != nil && pool.route(third) == nil)
    }

    @Test func whatExceedsTheBudgetIsRefusedWithNumbersAndDisturbsNobody() throws {
        let models = PoolStateHarness.local("lfm2") + "\n" + PoolStateHarness.local("omni")
        var pool = try PoolStateHarness(models, memory: "max_ram_gb: 1, on_full: remote")
        try pool.request("lfm2")
        try pool.load("lfm2", size: .mebibytes(800))
        let request = try pool.request("omni")
        try pool.load("omni", size: .mebibytes(300))
        let error = try #require(pool.error(request))
        #expect(error.code == .poolFull)
        #expect(error.message.contains("300 MiB") && error.message.contains("224 MiB of the 1.00 GiB budget"))
        #expect(!pool.takeAsked().contains("start omni/gguf_native"))
        let other = try pool.request("lfm2")
        pool.release(try pool.local("lfm2"))
        #expect(pool.route(other) != nil)
    }

    @Test func moreTextModelsThanAllowedAreRefused() throws {
        let models = PoolStateHarness.local("lfm2") + "\n" + PoolStateHarness.local("omni")
        var pool = try PoolStateHarness(models, memory: "max_ram_gb: 1, max_concurrent_llms: 1, on_full: remote")
        try pool.request("lfm2")
        try pool.load("lfm2")
        let request = try pool.request("omni")
        try pool.load("omni")
        #expect(pool.error(request)?.code == .poolFull)
        #expect(pool.error(request)?.message.contains("max_concurrent_llms is 1") == true)
    }

    @Test func aDamagedFileIsAnErrorNowAndIsLookedAtAgainLater() throws {
        var pool = try PoolStateHarness(PoolStateHarness.local("lfm2"))
        let request = try pool.request("lfm2")
        let damage = PoolError(.unavailable, "lfm2.gguf: magic: found 'XXXX'")
        pool.take(pool.state.inspected(try pool.local("lfm2"), .failure(damage), now: pool.now))
        #expect(pool.error(request)?.message.contains("magic") == true)
        let again = try pool.request("lfm2")
        #expect(pool.takeAsked() == ["inspect lfm2/gguf_native", "inspect lfm2/gguf_native"])
        try pool.load("lfm2")
        #expect(pool.route(again) != nil)
    }

    @Test func unloadWaitsForTheLastRequestAndTheNextOneLoadsAgain() throws {
        var pool = try PoolStateHarness(PoolStateHarness.local("lfm2"))
        let id = try pool.local("lfm2")
        try pool.request("lfm2")
        try pool.load("lfm2")
        _ = pool.takeAsked()
        pool.take(pool.state.unload(try pool.name("lfm2"), now: pool.now))
        #expect(pool.takeAsked().isEmpty, "a request is running")
        let next = try pool.request("lfm2")
        pool.release(id)
        #expect(pool.takeAsked() == ["stop lfm2/gguf_native"])
        #expect(pool.route(next) == nil)
        pool.take(pool.state.workerExited(id, reason: "ended", now: pool.now))
        #expect(pool.takeAsked() == ["inspect lfm2/gguf_native"])
        try pool.load("lfm2")
        #expect(pool.route(next) != nil)
    }

    @Test func memoryThatIsBeingGivenBackIsWaitedFor() throws {
        var pool = try PoolStateHarness(PoolStateHarness.local("lfm2") + "\n" + PoolStateHarness.local("omni"))
        let lfm2 = try pool.local("lfm2")
        try pool.request("lfm2")
        try pool.load("lfm2", size: .mebibytes(800))
        pool.take(pool.state.unload(lfm2.model, now: pool.now))
        let request = try pool.request("omni")
        try pool.load("omni", size: .mebibytes(800))
        #expect(pool.error(request) == nil)
        pool.release(lfm2)
        pool.take(pool.state.workerExited(lfm2, reason: "ended", now: pool.now))
        try pool.load("omni", size: .mebibytes(800))
        #expect(pool.route(request) != nil)
    }

    @Test func measuredMemoryCountsWhenItIsMoreThanPredicted() throws {
        var pool = try PoolStateHarness(PoolStateHarness.local("lfm2"))
        let id = try pool.local("lfm2")
        try pool.request("lfm2")
        try pool.load("lfm2", size: .mebibytes(100))
        pool.take(pool.state.measured(id, MeasuredMemory(hard: .mebibytes(300), mapped: .zero), now: pool.now))
        #expect(pool.state.ledger.charged == .mebibytes(300))
        let daemon = MeasuredMemory(hard: .mebibytes(30), mapped: .mebibytes(10))
        pool.take(pool.state.measuredDaemon(daemon, now: pool.now))
        #expect(pool.state.ledger.charged == .mebibytes(340), "the daemon's own memory counts like the workers'")
    }

    @Test func residentsLoadAtStartAndOthersDoNot() throws {
        let models = PoolStateHarness.local("lfm2", "resident: true") + "\n" + PoolStateHarness.local("omni")
        var pool = try PoolStateHarness(models)
        pool.take(pool.state.start())
        #expect(pool.takeAsked() == ["inspect lfm2/gguf_native"])
    }
}
