import Foundation
import Sarai
import SaraiConfiguration
import SaraiCore
import Testing

/// The library on the real engine. `make test` installs the engine and the models; without them this fails, as it should.
@Suite(.serialized) struct LibraryTests {
    /// A hybrid model whose server is not there, so that its twin must answer.
    private static let configuration = """
        models:
          solar:
            role: expert
            backend: ollama_http
            servers: ["http://127.0.0.1:9"]
            fallback: gguf_native
            gguf: models/SmolLM2-135M-Instruct-Q4_1.gguf
            context_length: 512
          embedding: {role: embedding, backend: gguf_native, gguf: models/multilingual-e5-small-Q4_0.gguf, context_length: 512}
        memory: {max_ram_gb: 4}
        """

    private func withSarai<Result: Sendable>(
        _ body: @escaping @Sendable (Sarai) async throws -> Result
    ) async throws -> Result {
        let file = FileManager.default.temporaryDirectory.appending(path: "sarai-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(Self.configuration.utf8).write(to: file)
        return try await Sarai.withPool(Configuration.load(path: file.path), body)
    }

    @Test func theTwinAnswersAndItsMemoryIsMeasured() async throws {
        let text = try await withSarai { sarai in
            #expect(sarai.memory().total == .zero)
            var text = ""
            for try await piece in sarai.stream("What is the capital of France?", model: "solar") {
                text += piece
                if text.count > 200 {
                    break
                }
            }
            #expect(sarai.memory().total > .mebibytes(20), "pages that other processes share count in part")
            #expect(sarai.memory().total < sarai.memory().budget)
            return text
        }
        // What so small a model says depends on the dice; that it speaks does not.
        #expect(text.count > 10)
    }

    @Test func embeddingsPutLikeBesideLike() async throws {
        let vectors = try await withSarai { sarai in
            try await sarai.embed(["query: gato", "query: cat", "query: tractor"], model: "embedding")
        }
        func similarity(_ a: Int, _ b: Int) -> Float {
            zip(vectors[a], vectors[b]).reduce(0) { $0 + $1.0 * $1.1 }
        }
        #expect(vectors.count == 3 && vectors[0].count == 384)
        #expect(abs(similarity(0, 0) - 1) < 1e-3)
        #expect(similarity(0, 1) > similarity(0, 2))
    }

    @Test func errorsSayWhatIsWrong() async throws {
        try await withSarai { sarai in
            let error = await #expect(throws: PoolError.self) {
                for try await _ in sarai.stream("hi", model: "sollar") {}
            }
            #expect(error?.code == .unknownModel)
            #expect(error?.message.contains("Did you mean 'solar'?") == true)
        }
    }
}
