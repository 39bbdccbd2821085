package import AsyncHTTPClient
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
    ///   - trust: whom the server must be vouched for by; `nil` for the machine's authorities.
    ///   - limits: how long to wait.
    package init(
        client: HTTPClient, url: String, model: String, apiKey: String?, trust: ServerTrust? = nil,
        limits: BackendLimits
    ) {
        upstream = UpstreamClient(client: client, endpoint: .url(url), bearerToken: apiKey, trust: trust)
        self.model = model
        self.limits = limits
    }

    package func generate(
        _ request: GenerationRequest, emit: @escaping @Sendable (GenerationEvent) -> Void
    ) async throws {
        let path =
            switch request.prompt {
            case .chat: "/api/chat"
            case .completion, .infill: "/api/generate"
            }
        let body = try OllamaRequestBody(model: model, request: request)
        try await StallWatchdog.watch(limits) { watchdog in
            let response = try await upstream.post(path, encoding: body)
            var answer = AnswerStream(
                OllamaChunkReader(topLogprobs: request.topLogprobs), framing: .ndjson, watchdog: watchdog,
                needsLogprobs: request.topLogprobs != nil, emit: emit)
            try await answer.read(response.body)
        }
    }

    package func embed(_ request: EmbeddingRequest) async throws -> EmbeddingResult {
        struct Body: Encodable, Sendable {
            let model: String
            let input: [String]
            let truncate: Bool
            let keepAlive: OllamaKeepAlive?

            private enum CodingKeys: String, CodingKey {
                case model, input, truncate
                case keepAlive = "keep_alive"
            }
        }
        struct Answer: Decodable {
            let embeddings: [[Float]]
            let promptTokens: Int?

            private enum CodingKeys: String, CodingKey {
                case embeddings
                case promptTokens = "prompt_eval_count"
            }
        }
        let body = Body(
            model: model, input: request.inputs, truncate: request.truncate,
            keepAlive: request.keepAlive.map(OllamaKeepAlive.init))
        return try await StallWatchdog.watch(limits) { _ in
            let answer = try await upstream.post("/api/embed", encoding: body).body.decode(Answer.self)
            guard answer.embeddings.count == request.inputs.count else {
                throw BackendError(
                    .malformedAnswer, "\(answer.embeddings.count) embeddings came for \(request.inputs.count) inputs")
            }
            return EmbeddingResult(vectors: answer.embeddings, promptTokens: answer.promptTokens ?? 0)
        }
    }

    package func load(keepAlive: KeepAlive?, isEmbedding: Bool) async throws {
        // Any model is unloaded by a generation of nothing; loaded are those of embeddings by the endpoint of those only.
        let embeds = isEmbedding && keepAlive != .limited(.zero)
        let body = OllamaLoadBody(model: model, keepAlive: keepAlive, isEmbedding: embeds)
        try await StallWatchdog.watch(limits) { _ in
            _ = try await upstream.post(embeds ? "/api/embed" : "/api/generate", encoding: body)
                .body.decode(JSONValue.self)
        }
    }

    package func checkHealth() async throws {
        try await ServerProbe(.ollama, upstream).requireModel(model, timeout: limits.health)
    }
}
