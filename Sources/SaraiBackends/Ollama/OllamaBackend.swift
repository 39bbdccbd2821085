package import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
package import SaraiCore

/// Speaks to a server that has Ollama's API.
package struct OllamaBackend: Backend {
    private let upstream: UpstreamClient
    private let model: String
    private let limits: BackendLimits

    /// A backend for one model of one server.
    ///
    /// - Parameters:
    ///   - client: see ``UpstreamClient/withHTTPClient(connectTimeout:connectionsPerServer:_:)``.
    ///   - url: the server's base URL.
    ///   - model: the model's name on that server.
    ///   - apiKey: sent as a bearer token, for servers behind a proxy that asks for one.
    ///   - limits: how long to wait.
    package init(client: HTTPClient, url: String, model: String, apiKey: String?, limits: BackendLimits) {
        upstream = UpstreamClient(client: client, endpoint: .url(url), bearerToken: apiKey)
        self.model = model
        self.limits = limits
    }

    package func generate(
        _ request: GenerationRequest, emit: @escaping @Sendable (GenerationEvent) -> Void
    ) async throws {
        let path =
            switch request.prompt {
            case .chat: "/api/chat"
            case .completion: "/api/generate"
            }
        let json = try JSONEncoder.wire.encodeAsByteBuffer(
            try OllamaRequestBody(model: model, request: request), allocator: .init())
        try await StallWatchdog.watch(limits) { watchdog in
            let body = try await upstream.post(path, json: json).body
            var reader = OllamaChunkReader()
            var isDone = false
            try await body.forEachDocument(OllamaChunk.self, framing: .ndjson) { chunk in
                guard !isDone else {
                    return
                }
                watchdog.touch()
                isDone = chunk.done
                reader.read(chunk).forEach(emit)
            }
            guard isDone else {
                throw BackendError(.brokenOff, "the stream ended before the answer was complete")
            }
        }
    }

    package func embed(_ request: EmbeddingRequest) async throws -> EmbeddingResult {
        struct Body: Encodable {
            let model: String
            let input: [String]
            let truncate: Bool
        }
        struct Answer: Decodable {
            let embeddings: [[Float]]
            let promptTokens: Int?

            private enum CodingKeys: String, CodingKey {
                case embeddings
                case promptTokens = "prompt_eval_count"
            }
        }
        let json = try JSONEncoder.wire.encodeAsByteBuffer(
            Body(model: model, input: request.inputs, truncate: request.truncate), allocator: .init())
        return try await StallWatchdog.watch(limits) { _ in
            let answer = try await upstream.post("/api/embed", json: json)
                .body.decode(Answer.self)
            guard answer.embeddings.count == request.inputs.count else {
                throw BackendError(
                    .malformedAnswer, "\(answer.embeddings.count) embeddings came for \(request.inputs.count) inputs")
            }
            return EmbeddingResult(vectors: answer.embeddings, promptTokens: answer.promptTokens ?? 0)
        }
    }

    package func checkHealth() async throws {
        struct Answer: Decodable {
            let models: [Item]

            struct Item: Decodable {
                let name: String
            }
        }
        let answer = try await upstream.get("/api/tags", timeout: limits.health)
        let names = try UpstreamClient.decode(Answer.self, from: answer).models.map(\.name)
        let wanted = model.contains(":") ? model : model + ":latest"
        guard names.contains(where: { $0 == wanted || $0 == model }) else {
            throw BackendError(.modelMissing, "the server has no model '\(model)'")
        }
    }
}
