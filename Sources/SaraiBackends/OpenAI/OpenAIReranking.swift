import AsyncHTTPClient
import SaraiCore

/// Reranking as Jina's API has it, and with it llama-server, vLLM and others: `/v1/rerank`.
struct OpenAIReranking: Sendable {
    let upstream: UpstreamClient
    let model: String
    let limits: BackendLimits
    /// Whether a worker of ours is held now.
    let isPaused: (@Sendable () -> Bool)?

    /// Has a server judge documents.
    ///
    /// - Throws: ``BackendError``. A server that does not rerank is `unsupported`: it may well serve other things.
    func rerank(_ request: RerankRequest) async throws -> RerankResult {
        let body = Body(
            model: model, query: request.query, documents: request.documents, count: request.documents.count)
        let answer: Answer
        do {
            answer = try await StallWatchdog.watch(limits, isPaused: isPaused) { _ in
                try await upstream.post("/v1/rerank", encoding: body).body.decode(Answer.self)
            }
        } catch let error as BackendError where Self.isUnknown(error) {
            throw BackendError(.unsupported, "the server does not rerank with '\(model)': \(error.message)")
        }
        var scores: [Int: Double] = [:]
        for result in answer.results {
            scores[result.index] = result.score
        }
        let ordered = request.documents.indices.compactMap { scores[$0] }
        guard ordered.count == request.documents.count else {
            throw BackendError(
                .malformedAnswer, "\(ordered.count) scores came for \(request.documents.count) documents")
        }
        return RerankResult(scores: ordered, promptTokens: answer.usage?.tokens ?? 0)
    }

    /// llama-server says 501 where it was not started for it.
    private static func isUnknown(_ error: BackendError) -> Bool {
        [.modelMissing, .rejected(405), .serverError(501)].contains(error.code)
    }

    private struct Body: Encodable, Sendable {
        let model: String
        let query: String
        let documents: [String]
        let count: Int

        private enum CodingKeys: String, CodingKey {
            case model, query, documents
            case count = "top_n"
        }
    }

    private struct Answer: Decodable, Sendable {
        let results: [Item]
        let usage: Tokens?

        struct Item: Decodable, Sendable {
            let index: Int
            let score: Double

            private enum CodingKeys: String, CodingKey {
                case index
                case score = "relevance_score"
            }
        }

        /// vLLM tells only the total, which for this is the same.
        struct Tokens: Decodable, Sendable {
            let tokens: Int

            private enum CodingKeys: String, CodingKey {
                case tokens = "total_tokens"
            }
        }
    }
}
