import SaraiBackends
import SaraiCore
import SaraiMemory
import Testing

@testable import SaraiPool

@Suite("Room for another model")
struct EvictionTests {
    /// Three models of 400 MiB in a budget of 1 GiB.
    private func three(_ memory: String = "", _ more: String = "slots: 1") throws -> PoolStateHarness {
        let models = ["a", "b", "c"].map { PoolStateHarness.local($0, more) }.joined(separator: "\n")
        var pool = try PoolStateHarness(models, memory: "max_ram_gb: 1, max_concurrent_llms: 9" + memory)
        try pool.plan(["a": 400, "b": 400, "c": 400])
        try pool.use("a", size: 400)
        try pool.use("b", size: 400)
        _ = pool.takeAsked()
        return pool
    }

    @Test func anIdleModelMakesRoomAndIsGoneBeforeTheNextOneStarts() throws {
        var pool = try three()
        let request = try pool.request("c")
        #expect(pool.takeAsked() == ["stop a/gguf_native"], "both are equally cheap; a was unused for longer")
        #expect(pool.state.ledger.charged == .mebibytes(800))
        try pool.exit("a")
        #expect(pool.takeAsked() == ["inspect c/gguf_native"])
        try pool.load("c", size: .mebibytes(400))
        #expect(pool.route(request) != nil)
        #expect(try pool.isLoaded("b") && !pool.isLoaded("a"))
    }

    @Test func aVictimThatIsStillWantedComesBackAfterwards() throws {
        var pool = try three()
        try pool.request("c")
        let wanted = try pool.request("a")
        #expect(pool.takeAsked() == ["stop a/gguf_native"], "it drains: nobody gets there any more")
        try pool.exit("a")
        #expect(pool.takeAsked() == ["inspect c/gguf_native", "inspect a/gguf_native"])
        try pool.load("c", size: .mebibytes(400))
        try pool.load("a", size: .mebibytes(400))
        #expect(pool.takeAsked() == ["start c/gguf_native", "stop b/gguf_native"], "first come, first served")
        try pool.exit("b")
        try pool.load("a", size: .mebibytes(400))
        #expect(pool.route(wanted) != nil)
    }

    @Test func busyModelsAreWaitedForAndDrainedWhenPatienceEnds() throws {
        var pool = try three()
        try pool.request("a")
        try pool.request("b")
        let request = try pool.request("c")
        #expect(pool.takeAsked().isEmpty)
        pool.pass(.seconds(1))
        #expect(pool.takeAsked().isEmpty, "an answer may end any moment")
        pool.pass(PoolState.patience)
        #expect(pool.takeAsked().isEmpty, "the victim finishes its answer")
        let late = try pool.request("a")
        #expect(pool.route(late) == nil, "a drains")
        try pool.finish("a")
        #expect(pool.takeAsked() == ["stop a/gguf_native"])
        try pool.exit("a")
        try pool.load("c", size: .mebibytes(400))
        #expect(pool.route(request) != nil)
    }

    @Test func pinnedAndResidentModelsStay() throws {
        var pool = try three(", on_full: evict")
        pool.state.setPinned(try pool.name("a"), true)
        try pool.request("c")
        #expect(pool.takeAsked() == ["stop b/gguf_native"])
        try pool.exit("b")
        try pool.load("c", size: .mebibytes(400))
        pool.state.setPinned(try pool.name("c"), true)
        try pool.finish("c")
        let hopeless = try pool.request("b")
        #expect(pool.error(hopeless)?.code == .poolFull)
        #expect(pool.error(hopeless)?.message.contains("400 MiB") == true)
        pool.state.setPinned(try pool.name("c"), false)
        #expect(try pool.request("b") > 0)
        #expect(pool.takeAsked().last == "stop c/gguf_native")
    }

    @Test func queueWaitsForMemoryAndItsDeadlineEndsTheWait() throws {
        var pool = try three(", on_full: queue")
        let request = try pool.request("c", timeout: .seconds(10))
        pool.pass(.seconds(5))
        #expect(pool.takeAsked().isEmpty && pool.error(request) == nil)
        pool.pass(.seconds(6))
        #expect(pool.error(request)?.code == .poolFull)
        let next = try pool.request("c")
        pool.take(pool.state.unload(try pool.name("b"), now: pool.now))
        try pool.exit("b")
        try pool.load("c", size: .mebibytes(400))
        #expect(pool.route(next) != nil)
    }

    @Test func rejectRefusesAtOnceAndRemoteAsksTheOtherTarget() throws {
        var pool = try three(", on_full: reject")
        let refused = try pool.request("c")
        #expect(pool.error(refused)?.code == .poolFull && pool.takeAsked().isEmpty)

        let twin = PoolStateHarness.hybrid + "\n    prefer_http: false\n    on_full: remote"
        pool = try PoolStateHarness(twin + "\n" + PoolStateHarness.local("lfm2"))
        try pool.plan(["solar": 900, "lfm2": 400])
        try pool.use("lfm2", size: 400)
        let request = try pool.request("solar")
        #expect(pool.route(request)?.target == (try pool.remote("solar")))
        #expect(pool.route(request)?.reason == "failover; gguf_native: pool full")
    }

    @Test func whatThePlanHoldsIsThereWhateverWasLoadedMeanwhile() throws {
        let models = PoolStateHarness.hybrid + "\n" + PoolStateHarness.local("guest", "best_effort: true")
        var pool = try PoolStateHarness(models)
        try pool.plan(["solar": 700, "guest": 400], held: ["solar"])
        let guest = try pool.request("guest")
        #expect(pool.error(guest)?.code == .poolFull, "the twin's memory is its own, loaded or not")
        #expect(pool.error(guest)?.message.contains("solar 700 MiB held") == true)
        pool.fail(try pool.remote("solar"), .unreachable, "refused")
        let request = try pool.request("solar")
        try pool.load("solar", size: .mebibytes(700))
        #expect(pool.route(request)?.target == (try pool.local("solar")))
    }

    @Test func aTwinThatThePlanLeftOutBorrowsMemoryAndGivesItBack() throws {
        let models = PoolStateHarness.hybrid + "\n    best_effort: true\n" + PoolStateHarness.local("omni")
        var pool = try PoolStateHarness(models)
        try pool.plan(["solar": 700, "omni": 600], left: ["solar"])
        try pool.use("omni", size: 600)
        pool.fail(try pool.remote("solar"), .unreachable, "refused")
        let request = try pool.request("solar")
        #expect(pool.takeAsked().last == "stop omni/gguf_native", "an answer is worth more than an idle model")
        try pool.exit("omni")
        try pool.load("solar", size: .mebibytes(700))
        #expect(pool.route(request)?.target == (try pool.local("solar")))
        try pool.finish("solar")
        try pool.request("omni")
        #expect(pool.takeAsked().last == "stop solar/gguf_native")
    }

    @Test func aModelIsUnloadedWhenItsTimeIsOver() throws {
        var pool = try three()
        try pool.request("a", keepAlive: .limited(.seconds(60)))
        try pool.finish("a")
        pool.pass(.seconds(59))
        #expect(pool.takeAsked().isEmpty)
        pool.pass(.seconds(1))
        #expect(pool.takeAsked() == ["stop a/gguf_native"])
        try pool.request("b", keepAlive: .limited(.zero))
        #expect(pool.takeAsked().isEmpty, "not while it answers")
        try pool.finish("b")
        #expect(pool.takeAsked() == ["stop b/gguf_native"])
    }

    @Test func aPinnedModelHasNoSuchTime() throws {
        var pool = try three()
        pool.state.setPinned(try pool.name("a"), true)
        try pool.request("a", keepAlive: .limited(.zero))
        try pool.finish("a")
        #expect(pool.takeAsked().isEmpty)
    }

    @Test func whatIsMeasuredAboveTheBudgetCostsAnIdleModelItsPlace() throws {
        var pool = try three()
        try pool.request("a")
        pool.take(
            pool.state.measured(
                try pool.local("a"), MeasuredMemory(hard: .mebibytes(700), mapped: .zero), now: pool.now))
        #expect(pool.takeAsked() == ["stop b/gguf_native"])
        pool.take(
            pool.state.measured(
                try pool.local("a"), MeasuredMemory(hard: .mebibytes(700), mapped: .zero), now: pool.now))
        #expect(pool.takeAsked().isEmpty, "its memory is on the way")
    }

    @Test func idleModelsGoOneByOneWhilePressureLasts() throws {
        var pool = try three()
        pool.take(pool.state.pressureChanged(to: .evict, now: pool.now))
        let first = try pool.isLoaded("a") ? "b" : "a"
        #expect(pool.takeAsked() == ["stop \(first)/gguf_native"])
        try pool.exit(first)
        pool.pass(.seconds(1))
        #expect(pool.takeAsked().isEmpty, "the first may have been enough")
        pool.pass(PoolState.reliefInterval)
        #expect(pool.takeAsked() == ["stop \(first == "a" ? "b" : "a")/gguf_native"])
    }

    @Test func underPressureNothingIsLoaded() throws {
        var pool = try three()
        pool.take(pool.state.unload(try pool.name("a"), now: pool.now))
        try pool.exit("a")
        _ = pool.takeAsked()
        pool.take(pool.state.pressureChanged(to: .stopAdmitting, now: pool.now))
        let request = try pool.request("a")
        #expect(pool.takeAsked().isEmpty && pool.error(request) == nil)
        pool.take(pool.state.pressureChanged(to: .evict, now: pool.now))
        #expect(pool.takeAsked() == ["stop b/gguf_native"])
        try pool.exit("b")
        pool.take(pool.state.pressureChanged(to: .calm, now: pool.now))
        #expect(pool.takeAsked() == ["inspect a/gguf_native"])
    }

    @Test func victimsAreTheCheapestThatSuffice() throws {
        let now = ContinuousClock.now
        func candidate(
            _ name: String, _ size: Int, reload: Int, isBusy: Bool = false, isPlanned: Bool = false
        ) throws -> Victims.Candidate {
            Victims.Candidate(
                id: TargetID(model: try #require(ModelName(name)), kind: .gguf), charge: .mebibytes(size), isLLM: true,
                isBusy: isBusy, isPlanned: isPlanned, reload: .seconds(reload), lastUsed: now)
        }
        let victims = Victims([
            try candidate("big", 800, reload: 9), try candidate("small", 100, reload: 1),
            try candidate("middle", 300, reload: 3), try candidate("busy", 900, reload: 0, isBusy: true),
        ])
        func names(_ shortage: Int, llms: Int = 0) -> [String]? {
            victims.chosen(for: .mebibytes(shortage), llms: llms)?.map(\.model.rawValue)
        }
        #expect(names(90) == ["small"])
        #expect(names(350) == ["small", "middle"])
        #expect(names(700) == ["big"], "with the big one the small ones are needless")
        #expect(names(1250) == ["small", "middle", "busy"], "a busy one only where the idle ones are not enough")
        #expect(names(0, llms: 2) == ["small", "middle"])
        #expect(names(3000) == nil)
        let planned = Victims([
            try candidate("planned", 300, reload: 1, isPlanned: true), try candidate("guest", 300, reload: 9),
        ])
        #expect(planned.chosen(for: .mebibytes(200), llms: 0)?.map(\.model.rawValue) == ["guest"])
    }
}
