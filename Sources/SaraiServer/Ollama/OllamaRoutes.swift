import Foundation
import Hummingbird
import Logging
import SaraiCore
import SaraiPipelines
import SaraiPool

/// Ollama's API.
struct OllamaRoutes: Sendable {
    let pipelines: Pipelines
    let limits: BodyLimits
    let version: String

    private var pool: ModelPool { pipelines.pool }

    /// What changes Ollama's own store of models, and what to do instead.
    private static let notImplemented = [
        ("/api/copy", "models are named in the configuration; give the file a second name there"),
        ("/api/create", "models are files that the configuration names (keys gguf, chat_template, context_length …)"),
        ("/api/push", "Sarai publishes no models"),
        ("/api/blobs/{digest}", "Sarai takes no files; put the model's file where the configuration names it"),
    ]

    /// Adds the routes.
    func add(to router: Router<ServerContext>) {
        router.get("/api/version") { _, _ in JSONBody.response(["version": version]) }
        router.get("/api/tags") { _, _ in JSONBody.response(["models": OllamaModel.list(of: pipelines)]) }
        router.get("/api/ps") { _, _ in JSONBody.response(["models": OllamaRunningModel.list(of: pool)]) }
        router.post("/api/show", use: show)
        for (path, remedy) in Self.notImplemented {
            router.post(RouterPath(path)) { _, _ -> Response in throw PoolError(.notImplemented, "\(path): \(remedy)") }
        }
        router.head("/api/blobs/{digest}") { _, _ in Response(status: .notFound) }
        router.post("/api/chat") { request, context in try await generate(request, context, kind: .chat) }
        router.post("/api/generate") { request, context in try await generate(request, context, kind: .generate) }
        router.post("/api/embed") { request, context in
            try await embed(request, context) { result, model, route, total in
                JSONBody.buffer(OllamaEmbeddingAnswer(result, model: model.tagged, route: route, total: total))
            }
        }
        router.post("/api/embeddings") { request, context in
            try await embed(request, context) { result, _, _, _ in
                JSONBody.buffer(["embedding": result.vectors.first ?? []])
            }
        }
    }

    @Sendable private func show(_ request: Request, _ context: ServerContext) async throws -> Response {
        struct Body: Decodable {
            let model: ModelName
            let isVerbose: Bool

            init(from decoder: any Decoder) throws {
                let fields = try RequestFields(decoder)
                model = try fields.model(orNamed: "name")
                isVerbose = try fields.optional("verbose") ?? false
            }
        }
        let (body, _) = try await JSONBody.decode(Body.self, from: request, limit: limits.plain)
        try pipelines.requireKnown(body.model)
        guard PipelineName(body.model) == nil else {
            return JSONBody.response(
                OllamaModelDescription(pipeline: body.model, pipelines.pipeline(body.model)))
        }
        return JSONBody.response(OllamaModelDescription(body.model, of: pool, isVerbose: body.isVerbose))
    }

    private func generate(
        _ request: Request, _ context: ServerContext, kind: OllamaStreamEncoder.Kind
    ) async throws -> Response {
        let started = ContinuousClock.now
        let (body, size) = try await body(of: request, kind: kind)
        body.ignored.log(context.logger)
        let presence = await context.presence()
        guard let wanted = body.request else {
            return try await loadOrUnload(body, presence: presence, kind: kind)
        }
        try limits.check(size, hasMedia: !wanted.media.isEmpty)
        let generation = pipelines.generate(
            wanted, model: body.model, keepAlive: body.keepAlive, isWhole: !body.stream, caller: try Caller(request))
        let conversation = kind == .generate ? OllamaContext(of: wanted) : nil
        let answering = Answering()
        if body.stream {
            return try await answering.stream(
                generation, presence: presence, contentType: "application/x-ndjson",
                encoder: { route in
                    OllamaStreamEncoder(
                        kind: kind, model: body.model.tagged, started: started, route: route, context: conversation)
                })
        }
        let (answer, route) = try await answering.collect(generation, presence: presence)
        return JSONBody.response(
            OllamaAnswer(
                kind: kind, model: body.model.tagged, answer: answer,
                metrics: OllamaMetrics(answer, route: route, total: started.duration(to: .now)),
                context: conversation?.numbers(answeredBy: answer.content)),
            headers: .init(route: route))
    }

    private func body(
        of request: Request, kind: OllamaStreamEncoder.Kind
    ) async throws -> (OllamaGenerationRequest, MemorySize) {
        switch kind {
        case .chat:
            let (body, size) = try await JSONBody.decode(
                OllamaChatRequest.self, from: request, limit: limits.withMedia)
            return (body.content, size)
        case .generate:
            let (body, size) = try await JSONBody.decode(
                OllamaGenerateRequest.self, from: request, limit: limits.withMedia)
            return (body.content, size)
        }
    }

    /// Answers a request without a prompt: it loads the model, or with `keep_alive: 0` unloads it.
    private func loadOrUnload(
        _ body: OllamaGenerationRequest, presence: ClientPresence, kind: OllamaStreamEncoder.Kind
    ) async throws -> Response {
        if body.keepAlive == .limited(.zero) {
            try pipelines.unload(body.model)
            try await presence.whileHere { try await pool.unloadOnServers(body.model) }
            return JSONBody.response(OllamaLoadAnswer(model: body.model.tagged, kind: kind, doneReason: "unload"))
        }
        let route = try await presence.whileHere { try await pipelines.load(body.model, keepAlive: body.keepAlive) }
        return JSONBody.response(
            OllamaLoadAnswer(model: body.model.tagged, kind: kind, doneReason: "load"), headers: .init(route: route))
    }

    private func embed(
        _ request: Request, _ context: ServerContext,
        encode: (EmbeddingResult, ModelName, Route, Duration) -> ByteBuffer
    ) async throws -> Response {
        let started = ContinuousClock.now
        let (body, _) = try await JSONBody.decode(OllamaEmbeddingRequest.self, from: request, limit: limits.plain)
        body.ignored.log(context.logger)
        let caller = try Caller(request)
        let (result, route) = try await context.presence().whileHere {
            // Without a text there is nothing to embed; as with the other endpoints, that loads the model.
            guard !body.request.inputs.isEmpty else {
                return (
                    EmbeddingResult(vectors: [], promptTokens: 0),
                    try await pool.load(body.model, keepAlive: body.keepAlive)
                )
            }
            return try await pool.embed(body.request, model: body.model, keepAlive: body.keepAlive, caller: caller)
        }
        return JSONBody.response(
            encode(result, body.model, route, started.duration(to: .now)), headers: .init(route: route))
    }
}

/// The answer to a request without a prompt.
private struct OllamaLoadAnswer: Encodable {
    let model: String
    let kind: OllamaStreamEncoder.Kind
    let doneReason: String

    private enum CodingKeys: String, CodingKey {
        case model, message, response, done
        case createdAt = "created_at"
        case doneReason = "done_reason"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
        try container.encode(OllamaTime.now(), forKey: .createdAt)
        switch kind {
        case .chat: try container.encode(["role": "assistant", "content": ""], forKey: .message)
        case .generate: try container.encode("", forKey: .response)
        }
        try container.encode(true, forKey: .done)
        try container.encode(doneReason, forKey: .doneReason)
    }
}
