import AsyncHTTPClient
import SaraiCore

/// Embeddings over OpenAI's API, and what llama-server has besides.
struct OpenAIEmbeddings: Sendable {
    let upstream: UpstreamClient
    let model: String
    let limits: BackendLimits
    /// Tokens that one text may have at most, where the server is a worker of ours, which can be asked for tokens.
    let worker: OpenAIBackend.Worker?

    /// Computes embeddings; texts that are too long are cut, where the request allows it and the server is a worker.
    func embed(_ request: EmbeddingRequest) async throws -> EmbeddingResult {
        do {
            return try await embed(request.inputs, count: request.inputs.count)
        } catch let error as BackendError where Self.isTooLong(error) {
            guard request.truncate else {
                throw BackendError(.rejected(400), error.message)
            }
            guard let contextLength = worker?.contextLength else {
                throw BackendError(.unsupported, "OpenAI's API cannot cut texts that are too long: \(error.message)")
            }
            var cut: [[Int]] = []
            for text in request.inputs {
                cut.append(try await tokens(of: text, limit: contextLength))
            }
            return try await embed(cut, count: cut.count)
        }
    }

    private func embed(_ input: some Encodable & Sendable, count: Int) async throws -> EmbeddingResult {
        let answer = try await post("/v1/embeddings", Body(model: model, input: input), as: Answer.self)
        guard answer.data.count == count else {
            throw BackendError(.malformedAnswer, "\(answer.data.count) embeddings came for \(count) inputs")
        }
        return EmbeddingResult(
            vectors: answer.data.sorted { $0.index < $1.index }.map(\.embedding),
            promptTokens: answer.usage?.promptTokens ?? 0)
    }

    /// A text's tokens, cut so that the one that ends every text of the model stays.
    private func tokens(of text: String, limit: Int) async throws -> [Int] {
        struct Body: Encodable, Sendable {
            let content: String
            let addSpecial = true

            private enum CodingKeys: String, CodingKey {
                case content
                case addSpecial = "add_special"
            }
        }
        struct Answer: Decodable, Sendable {
            let tokens: [Int]
        }
        let tokens = try await post("/tokenize", Body(content: text), as: Answer.self).tokens
        guard tokens.count > limit, let last = tokens.last else {
            return tokens
        }
        return tokens.prefix(limit - 1) + [last]
    }

    private func post<Answer: Decodable & Sendable>(
        _ path: String, _ body: some Encodable & Sendable, as type: Answer.Type
    ) async throws -> Answer {
        try await StallWatchdog.watch(limits, isPaused: worker?.isPaused) { _ in
            try await upstream.post(path, encoding: body).body.decode(type)
        }
    }

    /// llama-server reports a text that does not fit in one step as a fault of its own (status 500). vLLM tells its maximum.
    private static func isTooLong(_ error: BackendError) -> Bool {
        switch error.code {
        case .serverError, .rejected:
            ["too large to process", "exceed", "maximum context length"].contains { error.message.contains($0) }
        default: false
        }
    }

    private struct Body<Input: Encodable & Sendable>: Encodable, Sendable {
        let model: String
        let input: Input
        let encodingFormat = "float"

        private enum CodingKeys: String, CodingKey {
            case model, input
            case encodingFormat = "encoding_format"
        }
    }

    private struct Answer: Decodable, Sendable {
        let data: [Item]
        let usage: OpenAIChunk.UsageBlock?

        struct Item: Decodable, Sendable {
            let index: Int
            let embedding: [Float]
        }
    }
}
