import SaraiBackends
import SaraiCore
import SaraiMemory
import Testing

@testable import SaraiPool

@Suite("Models that are held")
struct HoldTests {
    /// Three models of 400 MiB in a budget of 1 GiB; a and b are loaded, and a was unused for longer.
    private func two(_ more: String = "slots: 1", memory: String = "") throws -> PoolStateHarness {
        let models = ["a", "b", "c"].map { PoolStateHarness.local($0, more) }.joined(separator: "\n")
        var pool = try PoolStateHarness(models, memory: "max_ram_gb: 1, max_concurrent_llms: 9" + memory)
        try pool.plan(["a": 400, "b": 400, "c": 400])
        try pool.use("a", size: 400)
        try pool.use("b", size: 400)
        _ = pool.takeAsked()
        return pool
    }

    private func hold(
        _ names: [String], available: [String]? = nil, needs: Needs = .generation(hasMedia: false),
        in pool: inout PoolStateHarness
    ) throws -> Bool {
        let held = try names.map { HeldModel(try pool.name($0), needs: [needs]) }
        let required = held.filter { available?.contains($0.name.rawValue) ?? true }
        return pool.state.hold(held, available: required, now: pool.now)
    }

    private func endHold(_ names: [String], in pool: inout PoolStateHarness) throws {
        pool.take(pool.state.endHold(try names.map(pool.name), now: pool.now))
    }

    @Test("are not unloaded for others, however long these wait")
    func stay() throws {
        var pool = try two()
        #expect(try hold(["a"], in: &pool))
        try pool.request("c")
        #expect(pool.takeAsked() == ["stop b/gguf_native"], "a would have been the first to go")
        try pool.exit("b")
        try pool.load("c", size: .mebibytes(400))
        try pool.finish("c")
        #expect(try hold(["c"], in: &pool))
        _ = pool.takeAsked()

        let waiting = try pool.request("b")
        pool.pass(PoolState.patience + .seconds(1))
        #expect(pool.takeAsked().isEmpty && pool.error(waiting) == nil, "nobody may go, and somebody will")
        try endHold(["c"], in: &pool)
        #expect(pool.takeAsked() == ["stop c/gguf_native"], "those who wait are served when a hold ends")
        #expect(try pool.isLoaded("a"))
    }

    @Test("are not unloaded for the machine's sake either")
    func pressure() throws {
        var pool = try two()
        #expect(try hold(["a", "b"], in: &pool))
        pool.take(pool.state.pressureChanged(to: .evict, now: pool.now))
        pool.pass(PoolState.reliefInterval + .seconds(1))
        #expect(pool.takeAsked().isEmpty)
        try endHold(["a", "b"], in: &pool)
        pool.pass(PoolState.reliefInterval + .seconds(1))
        #expect(pool.takeAsked().contains { $0.hasPrefix("stop ") })
    }

    @Test("do not expire, and do at once when the hold ends after their time")
    func doNotExpire() throws {
        var pool = try two("slots: 1, keep_alive: 10s")
        #expect(try hold(["a"], in: &pool))
        pool.pass(.seconds(60))
        #expect(pool.takeAsked() == ["stop b/gguf_native"])
        try endHold(["a"], in: &pool)
        #expect(pool.takeAsked() == ["stop a/gguf_native"])
    }

    @Test("are all held, or none is")
    func allOrNothing() throws {
        var pool = try two()
        #expect(try !hold(["a", "b", "c"], in: &pool))
        try pool.request("c")
        #expect(pool.takeAsked() == ["stop a/gguf_native"], "the refused hold left nothing behind")
        #expect(try !hold(["a"], in: &pool), "what is being unloaded does not answer")
    }

    @Test("may be ones that are not there yet, where they need not be")
    func optional() throws {
        var pool = try two()
        #expect(try hold(["b", "c"], available: ["b"], in: &pool))
        try pool.request("c")
        try pool.exit("a")
        try pool.load("c", size: .mebibytes(400))
        try pool.finish("c")
        _ = pool.takeAsked()
        try pool.request("a")
        pool.pass(PoolState.patience + .seconds(1))
        #expect(pool.takeAsked().isEmpty, "c is held since before it was loaded")
    }

    @Test("are held until the last of their holds ends")
    func counted() throws {
        var pool = try two("slots: 1, keep_alive: 10s")
        #expect(try hold(["a", "b"], in: &pool))
        #expect(try hold(["a"], in: &pool))
        try endHold(["a", "b"], in: &pool)
        pool.pass(.seconds(60))
        #expect(pool.takeAsked() == ["stop b/gguf_native"])
        try endHold(["a"], in: &pool)
        #expect(pool.takeAsked() == ["stop a/gguf_native"])
    }

    @Test("are there where a server has them, and where it has failed only with the twin loaded")
    func remote() throws {
        var pool = try PoolStateHarness(PoolStateHarness.hybrid)
        #expect(try hold(["solar"], in: &pool))
        try endHold(["solar"], in: &pool)
        #expect(pool.takeAsked().isEmpty)
        pool.fail(try pool.remote("solar"), .unreachable, "refused")
        #expect(try !hold(["solar"], in: &pool))
        try pool.use("solar")
        #expect(try hold(["solar"], in: &pool))
    }

    @Test("are there only where a target is that can do what is asked of them")
    func ability() throws {
        let hybrid = """
              solar: {role: omni, backend: ollama_http, servers: ["http://10.0.0.7:11434"], fallback: gguf_native,
                gguf: /none/solar.gguf, mmproj: /none/solar-mmproj.gguf}
            """
        var pool = try PoolStateHarness(hybrid)
        let name = try pool.name("solar")
        #expect(try hold(["solar"], in: &pool), "the server talks")
        #expect(try !hold(["solar"], needs: .transcription, in: &pool), "and does not hear")
        #expect(try pool.state.targets(of: name, unableTo: .transcription).keys.map(\.self) == [pool.remote("solar")])
        #expect(pool.state.targets(of: name, unableTo: .generation(hasMedia: true)).isEmpty)
        let heard = try pool.request("solar", needs: .transcription)
        try pool.load("solar")
        let route = try #require(pool.route(heard))
        pool.take(pool.state.release(route, .transcription, .answered, now: pool.now))
        #expect(try hold(["solar"], needs: .transcription, in: &pool), "its twin does")
        let both = HeldModel(name, needs: [.generation(hasMedia: true), .reranking])
        #expect(!pool.state.isAvailable(both, now: pool.now), "all that is asked counts")
    }

    @Test("can be taken out of the configuration and put back, and expire then as ever")
    func outliveTheirModel() throws {
        let one = PoolStateHarness.local("a", "slots: 1, keep_alive: 10s")
        let both = one + "\n" + PoolStateHarness.local("b", "slots: 1, keep_alive: 10s")
        var pool = try PoolStateHarness(both)
        try pool.use("a")
        try pool.use("b")
        #expect(try hold(["b"], in: &pool))
        try pool.reload(one)
        try pool.exit("b")
        try pool.reload(both)
        try endHold(["b"], in: &pool)
        try pool.use("b")
        _ = pool.takeAsked()
        pool.pass(.seconds(60))
        #expect(pool.takeAsked().contains("stop b/gguf_native"))
    }

    @Test("can be asked by whoever holds them when nobody else may ask any more")
    func shuttingDown() throws {
        var pool = try two()
        #expect(try hold(["a"], in: &pool))
        pool.take(pool.state.shutDown())
        let late = try pool.request("a")
        #expect(pool.error(late) == .shuttingDown)
        let step = Waiter(
            id: 99, model: try pool.name("a"), needs: .generation(hasMedia: false), isUnderWay: true, excluded: [:],
            since: pool.now, deadline: pool.now + .seconds(60))
        pool.take(pool.state.request(step, now: pool.now))
        #expect(pool.route(99)?.target == (try pool.local("a")))
    }
}

@Suite("Models that will probably be needed")
struct WarmingTests {
    private func pool(of sizes: KeyValuePairs<String, Int>) throws -> PoolStateHarness {
        let models = sizes.map { PoolStateHarness.local($0.key) }.joined(separator: "\n")
        var pool = try PoolStateHarness(models, memory: "max_ram_gb: 1, max_concurrent_llms: 9")
        try pool.plan(Dictionary(uniqueKeysWithValues: sizes.map { ($0.key, $0.value) }))
        return pool
    }

    private func warm(_ name: String, in pool: inout PoolStateHarness) throws -> [String] {
        pool.take(pool.state.warm(try pool.name(name), now: pool.now))
        return pool.takeAsked()
    }

    @Test("are loaded where there is room, once")
    func load() throws {
        var pool = try pool(of: ["a": 400, "b": 400])
        #expect(try warm("a", in: &pool) == ["inspect a/gguf_native"])
        #expect(try warm("a", in: &pool).isEmpty, "it is on its way")
        try pool.load("a", size: .mebibytes(400))
        #expect(try pool.isLoaded("a"))
        _ = pool.takeAsked()
        #expect(try warm("a", in: &pool).isEmpty)
        #expect(try warm("b", in: &pool) == ["inspect b/gguf_native"])
    }

    @Test("displace nobody")
    func displaceNobody() throws {
        var pool = try pool(of: ["a": 600, "b": 600])
        try pool.use("a", size: 600)
        _ = pool.takeAsked()
        #expect(try warm("b", in: &pool).isEmpty)
        try pool.request("b")
        #expect(pool.takeAsked() == ["stop a/gguf_native"], "a request, unlike a guess, does")
    }

    @Test("are left alone where a server has them, and in a daemon that ends")
    func leftAlone() throws {
        var hybrid = try PoolStateHarness(PoolStateHarness.hybrid)
        #expect(try warm("solar", in: &hybrid).isEmpty)
        hybrid.fail(try hybrid.remote("solar"), .unreachable, "refused")
        #expect(try warm("solar", in: &hybrid) == ["inspect solar/gguf_native"])

        var ending = try pool(of: ["a": 400])
        ending.take(ending.state.shutDown())
        #expect(try warm("a", in: &ending).isEmpty)
        #expect(try warm("nobody", in: &ending).isEmpty)
    }
}
