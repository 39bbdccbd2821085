import SaraiBackends
import SaraiCore
import SaraiMemory
import Testing

@testable import SaraiPool

@Suite("Several servers and a twin")
struct FailoverTests {
    /// Two servers of one tier, a third that speaks another API, and a file; all but the third have the same weights.
    private static let models = """
          solar:
            role: expert
            gguf: solar.gguf
            targets:
              - {backend: ollama_http, servers: ["http://10.0.0.7:11434", "http://10.0.0.8:11434"], capacity: 2}
              - {backend: openai_http, servers: ["http://10.0.0.9:8000"], model: other}
              - {backend: gguf_native, same_model: true}
        """

    private func server(_ pool: PoolStateHarness, _ last: Int) throws -> TargetID {
        TargetID(model: try pool.name("solar"), kind: .ollama, server: "10.0.0.\(last):11434")
    }

    private func other(_ pool: PoolStateHarness) throws -> TargetID {
        TargetID(model: try pool.name("solar"), kind: .openAI, server: "10.0.0.9:8000")
    }

    @Test("requests go where the fewest are outstanding")
    func balance() throws {
        var pool = try PoolStateHarness(Self.models)
        let requests = try (0..<4).map { _ in try pool.request("solar") }
        let (one, two) = (try server(pool, 7), try server(pool, 8))
        #expect(requests.map { pool.route($0)?.target } == [one, two, one, two])
        let fifth = try pool.request("solar")
        #expect(pool.route(fifth) == nil, "it waits for a server of the preferred tier")
        pool.release(two)
        #expect(pool.route(fifth)?.target == two)
    }

    @Test("a server that has the model in memory comes first")
    func warm() throws {
        var pool = try PoolStateHarness(Self.models)
        let warm = try server(pool, 8)
        pool.state.update(warm) { $0.remote?.isLoaded = true }
        let request = try pool.request("solar")
        #expect(pool.route(request)?.target == warm)
    }

    @Test("one that is away costs the others nothing, and is told of once")
    func away() throws {
        var pool = try PoolStateHarness(Self.models)
        let (one, two) = (try server(pool, 7), try server(pool, 8))
        pool.fail(one)
        pool.fail(one)
        let requests = try (0..<2).map { _ in try pool.request("solar") }
        #expect(requests.map { pool.route($0)?.target } == [two, two])
        #expect(pool.events.map(\.kind) == [.ejected])
    }

    @Test("a request that fails is no reason to leave a server alone; several in a row are")
    func row() throws {
        var pool = try PoolStateHarness(Self.models)
        let one = try server(pool, 7)
        pool.fail(one, .serverError(500))
        pool.fail(one, .stalled)
        let before = try pool.request("solar")
        #expect(pool.route(before)?.target == one)
        pool.fail(one, .brokenOff)
        let after = try pool.request("solar")
        #expect(pool.route(after)?.target == (try server(pool, 8)))
    }

    @Test("clients that leave, and requests that are at fault themselves, speak against no server")
    func innocent() throws {
        var pool = try PoolStateHarness(Self.models)
        let one = try server(pool, 7)
        for _ in 0..<20 {
            pool.fail(one, .rejected(400))
            pool.fail(one, .unsupported)
            let route = Route(target: one, reason: "")
            pool.take(pool.state.judge(route, .abandoned, random: 0, now: pool.now))
        }
        let request = try pool.request("solar")
        #expect(pool.route(request)?.target == one)
        #expect(pool.events.isEmpty)
    }

    @Test("one that has too much to do is asked again when it said")
    func overloaded() throws {
        var pool = try PoolStateHarness(
            PoolStateHarness.hybrid.replacing("fallback: gguf_native", with: "capacity: 4")
                .replacing("    gguf: solar.gguf", with: ""))
        let remote = try pool.remote("solar")
        let busy = BackendError(.overloaded, "too many", retryAfter: .seconds(4))
        let route = Route(target: remote, reason: "")
        pool.take(pool.state.judge(route, .failed(busy), random: 0.5, now: pool.now))
        let request = try pool.request("solar")
        #expect(pool.route(request) == nil && pool.error(request) == nil, "it waits")
        pool.pass(.seconds(4))
        #expect(pool.route(request) == nil, "not all come back at the same moment")
        pool.pass(.seconds(2))
        #expect(pool.route(request)?.target == remote)
    }

    @Test("after its return one request tries it, then they come back one by one")
    func back() throws {
        var pool = try PoolStateHarness(PoolStateHarness.hybrid)
        let remote = try pool.remote("solar")
        pool.fail(remote)
        pool.check(remote)
        #expect(pool.state[target: remote]?.remote?.breaker.isClosed == false, "its time is not over")
        pool.pass(.seconds(2))
        pool.check(remote)
        let probe = try pool.request("solar"), second = try pool.request("solar")
        #expect(pool.route(probe)?.target == remote)
        try pool.load("solar")
        #expect(pool.route(second)?.target == (try pool.local("solar")), "one is enough to see")
        pool.take(pool.state.answering(try #require(pool.route(probe)), now: pool.now))
        #expect(pool.events.map(\.kind).filter { $0 != .loading && $0 != .ready } == [.ejected, .halfOpen, .recovered])
        let third = try pool.request("solar", excluding: [:])
        #expect(
            pool.route(third) == nil || pool.route(third)?.target.kind.isLocal == true, "it has its first one still")
        pool.release(remote)
        pool.pass(.seconds(20))
        let later = try (0..<3).map { _ in try pool.request("solar") }
        #expect(later.allSatisfy { pool.route($0)?.target == remote })
    }

    @Test("only those with the same weights go on with an answer")
    func strangers() throws {
        let pool = try PoolStateHarness(Self.models)
        let strange = pool.state.strangers(to: try server(pool, 7)).keys
        #expect(Set(strange) == [try other(pool)])
        #expect(Set(pool.state.strangers(to: try other(pool)).keys).count == 3)
        #expect(Set(pool.state.strangers(to: try pool.local("solar")).keys) == [try other(pool)])
    }

    @Test("a server that is not there is not there for any model")
    func shared() throws {
        let text = """
              a: {backend: ollama_http, servers: ["http://10.0.0.7:11434"], model: solar}
              b: {backend: ollama_http, servers: ["http://10.0.0.7:11434"], model: solar}
            """
        var pool = try PoolStateHarness(text)
        pool.fail(try pool.remote("a"))
        let request = try pool.request("b")
        #expect(pool.error(request)?.code == .badGateway)
        pool.pass(.seconds(2))
        pool.check(try pool.remote("b"))
        let again = try pool.request("b")
        #expect(pool.route(again) != nil)
    }

    @Test("attempts: a worker gets another try, a server the next one", arguments: [true, false])
    func attempts(isLocal: Bool) throws {
        let pool = try PoolStateHarness(PoolStateHarness.hybrid)
        let target = isLocal ? try pool.local("solar") : try pool.remote("solar")
        var attempts = Attempts()
        attempts.failed(target, BackendError(.brokenOff, "reset"))
        #expect(attempts.excluded.isEmpty == isLocal)
        attempts.failed(target, BackendError(.brokenOff, "reset"))
        #expect(attempts.excluded[target] != nil)
    }

    @Test("attempts: who may not go on with an answer may make it anew")
    func readmission() throws {
        let pool = try PoolStateHarness(PoolStateHarness.hybrid)
        let (server, twin) = (try pool.remote("solar"), try pool.local("solar"))
        var attempts = Attempts()
        attempts.failed(server, BackendError(.brokenOff, "reset"))
        attempts.exclude(strangers: [
            server: Exclusion(reason: "other model", message: "is another model"),
            twin: Exclusion(reason: "other model", message: "is another model"),
        ])
        #expect(attempts.excluded[server]?.message == "reset", "what it did itself comes first")
        #expect(attempts.excluded[twin] != nil)
        attempts.readmitStrangers()
        #expect(attempts.excluded.keys.elementsEqual([server]))
    }

    @Test("clients take turns")
    func turns() throws {
        var pool = try PoolStateHarness(PoolStateHarness.local("lfm2"))
        try pool.request("lfm2", client: "greedy")
        try pool.load("lfm2")
        let flood = try (0..<5).map { _ in try pool.request("lfm2", client: "greedy") }
        let modest = try pool.request("lfm2", client: "modest")
        try pool.finish("lfm2")
        #expect(pool.route(modest) != nil, "it waited for one answer, not for six")
        #expect(flood.allSatisfy { pool.route($0) == nil })
        let line = pool.state.snapshot(daemon: .init(hard: .zero, mapped: .zero), machine: .zero, now: pool.now)
            .models[0].queue
        #expect(line.map(\.client) == Array(repeating: "greedy", count: 5) && line.map(\.position) == [1, 2, 3, 4, 5])
    }
}
