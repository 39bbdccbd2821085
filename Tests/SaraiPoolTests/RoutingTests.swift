import SaraiBackends
import SaraiCore
import Testing

@testable import SaraiPool

@Suite struct RoutingTests {
    @Test func preferredTargetAnswersWhileItIsUp() throws {
        var pool = try PoolStateHarness(PoolStateHarness.hybrid)
        let request = try pool.request("solar")
        #expect(pool.route(request) == Route(target: try pool.remote("solar"), reason: "preferred"))
        #expect(pool.takeAsked().isEmpty, "a remote target loads nothing")
    }

    @Test func twinAnswersWhenTheRemoteIsDownAndSaysWhy() throws {
        var pool = try PoolStateHarness(PoolStateHarness.hybrid)
        pool.fail(try pool.remote("solar"), .unreachable, "refused")
        let request = try pool.request("solar")
        #expect(pool.takeAsked() == ["inspect solar/gguf_native"])
        try pool.load("solar")
        #expect(pool.takeAsked() == ["start solar/gguf_native"])
        let route = try #require(pool.route(request))
        #expect(route.target == (try pool.local("solar")))
        #expect(route.reason == "failover; ollama_http@10.0.0.7:11434: down")
    }

    @Test func remoteAnswersAgainAfterAHealthyCheckAndTheTwinStaysLoaded() throws {
        var pool = try PoolStateHarness(PoolStateHarness.hybrid)
        let remote = try pool.remote("solar")
        pool.fail(remote, .unreachable, "refused")
        try pool.request("solar")
        try pool.load("solar")
        pool.check(remote, failure: "still refused")
        let stillDown = try pool.request("solar", excluding: [try pool.local("solar"): failed])
        #expect(pool.error(stillDown)?.message.contains("refused") == true)
        pool.pass(.seconds(2))
        pool.check(remote)
        let request = try pool.request("solar")
        #expect(pool.route(request)?.reason == "preferred")
        #expect(!pool.takeAsked().contains("stop solar/gguf_native"), "what is loaded stays loaded")
    }

    @Test func aRequestThatFailedOnATargetGoesToTheNext() throws {
        var pool = try PoolStateHarness(PoolStateHarness.hybrid)
        let request = try pool.request("solar", excluding: [try pool.remote("solar"): failed])
        try pool.load("solar")
        #expect(pool.route(request)?.reason == "failover; ollama_http@10.0.0.7:11434: broke")
    }

    @Test func withoutATwinAFailedRemoteIsABadGateway() throws {
        let remote = "  solar: {backend: ollama_http, servers: [\"http://10.0.0.7:11434\"]}"
        var pool = try PoolStateHarness(remote)
        let request = try pool.request("solar", excluding: [try pool.remote("solar"): failed])
        #expect(pool.error(request)?.code == .badGateway)
        #expect(pool.error(request)?.message.contains("it broke") == true)
    }

    @Test(arguments: [
        (Needs.embedding, "serves text, not embeddings"),
        (Needs.generation(hasMedia: true), "takes text only"),
    ])
    func whatAModelCannotDoIsRefusedWithoutALoad(needs: Needs, message: String) throws {
        var pool = try PoolStateHarness(PoolStateHarness.local("lfm2"))
        let request = try pool.request("lfm2", needs: needs)
        #expect(pool.error(request)?.code == .unsupported)
        #expect(pool.error(request)?.message.contains(message) == true)
        #expect(pool.takeAsked().isEmpty)
    }

    @Test func anUnknownModelIsAnErrorWithASuggestion() throws {
        var pool = try PoolStateHarness(PoolStateHarness.hybrid)
        let request = try pool.request("sollar")
        #expect(pool.error(request)?.code == .unknownModel)
        #expect(pool.error(request)?.message.contains("Did you mean 'solar'?") == true)
    }

    private let failed = Exclusion(reason: "broke", message: "it broke")
}
