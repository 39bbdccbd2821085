import SaraiConfiguration
import SaraiCore
import Testing

@testable import SaraiPool

/// Models that judge documents, among the others.
struct RerankerTests {
    private static let models = """
          judge: {role: reranker, backend: gguf_native, gguf: j.gguf}
          far: {backend: ollama_http, servers: ["http://a:1"]}
        \(PoolStateHarness.local("lfm2"))
        """

    @Test(
        "each is asked for what it can alone",
        arguments: [
            ("judge", Needs.reranking, nil as String?), ("judge", .embedding, "judges documents"),
            ("judge", .generation(hasMedia: false), "judges documents"), ("judge", .transcription, "judges documents"),
            ("lfm2", .reranking, "role reranker"), ("far", .reranking, "Ollama's API"), ("judge", .load, nil),
        ])
    func needs(model: String, needs: Needs, objection: String?) throws {
        var pool = try PoolStateHarness(Self.models)
        let request = try pool.request(model, needs: needs)
        guard let objection else {
            #expect(pool.error(request) == nil && pool.takeAsked() == ["inspect judge/gguf_native"])
            return
        }
        let error = try #require(pool.error(request))
        #expect(error.code == .unsupported && error.message.contains(objection))
    }

    @Test func itReadsInOneStepAndIsNoTextModel() throws {
        let pool = try PoolStateHarness(Self.models)
        let local = try #require(pool.state[target: pool.local("judge")]?.local)
        #expect(local.isEmbedding && local.isReranker && !local.isLLM)
        #expect(local.contextLength == 512 && local.slots == 4)
    }
}
