import Hummingbird
import SaraiCore
import SaraiTestSupport
import Testing

@testable import SaraiBackends

/// Texts that are longer than the context of an embedding model.
@Suite struct LongTextTests {
    private static let messages = [
        "input (600 tokens) is too large to process", "This model's maximum context length is 512 tokens.",
    ]

    /// The next target may be able to cut them; none is asked where the client forbids it.
    @Test(arguments: [true, false], messages)
    func aServerThatCannotCutThemIsNotTheLast(truncates: Bool, message: String) async throws {
        try await StubUpstream.run(
            answering: { _ in
                Response(
                    status: .badRequest, body: .init(byteBuffer: ByteBuffer(string: "{\"error\":\"\(message)\"}")))
            },
            { url in
                let limits = BackendLimits(firstToken: .seconds(10), stall: .seconds(10))
                try await BackendHarness.withBackend(.openAI, url: url, limits: limits) { backend in
                    do {
                        _ = try await backend.embed(EmbeddingRequest(inputs: ["x"], truncate: truncates))
                        Issue.record("no error")
                    } catch let error as BackendError {
                        #expect(error.code == (truncates ? .unsupported : .rejected(400)))
                        #expect(error.message.contains(message))
                    }
                }
            })
    }
}
