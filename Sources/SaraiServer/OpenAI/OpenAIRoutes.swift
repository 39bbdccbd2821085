import Foundation
import Hummingbird
import SaraiConfiguration
import SaraiCore
import SaraiPipelines
import SaraiPool

/// OpenAI's API.
struct OpenAIRoutes: Sendable {
    let pipelines: Pipelines
    let limits: BodyLimits
    /// When the server started; the models are as old as that to clients.
    let started: Int

    /// Adds the routes.
    func add(to router: Router<ServerContext>) {
        router.get("/v1/models") { _, _ in
            JSONBody.response(
                OpenAIModelList(
                    data: pipelines.names.map { OpenAIModel(id: $0.rawValue, created: started) }))
        }
        router.get("/v1/models/**") { request, _ in
            // Clients write the slash of a name as %2F.
            let path = request.uri.path.dropFirst("/v1/models/".count)
            let name = try ModelName(requested: path.removingPercentEncoding ?? String(path))
            try pipelines.requireKnown(name)
            return JSONBody.response(OpenAIModel(id: name.rawValue, created: started))
        }
        router.post("/v1/chat/completions") { request, context in
            try await generate(request, context, kind: .chat)
        }
        router.post("/v1/completions") { request, context in
            try await generate(request, context, kind: .completion)
        }
        router.post("/v1/audio/speech") { _, _ -> Response in
            throw PoolError(
                .notImplemented, "/v1/audio/speech: Sarai runs no model that speaks; transcriptions it makes")
        }
        router.post("/v1/embeddings") { request, context in
            let (body, _) = try await JSONBody.decode(
                OpenAIEmbeddingRequest.self, from: request, limit: limits.plain)
            let caller = try Caller(request)
            let (result, route) = try await context.presence().whileHere {
                try await pipelines.pool.embed(body.request, model: body.model, caller: caller)
            }
            return JSONBody.response(
                OpenAIEmbeddingAnswer(result, model: body.model, isBase64: body.isBase64),
                headers: .init(route: route))
        }
    }

    private func generate(
        _ request: Request, _ context: ServerContext, kind: OpenAIStreamEncoder.Kind
    ) async throws -> Response {
        let (body, size) = try await JSONBody.decode(
            OpenAIGenerationRequest.self, from: request, limit: limits.withMedia)
        try limits.check(size, hasMedia: !body.request.media.isEmpty)
        switch (kind, body.request.prompt) {
        case (.chat, .chat), (.completion, .completion), (.completion, .infill): break
        case (.chat, .completion), (.chat, .infill):
            throw PoolError(.invalidRequest, "messages: missing (this is a chat endpoint)")
        case (.completion, .chat): throw PoolError(.invalidRequest, "prompt: missing (this is not a chat endpoint)")
        }
        let id = (kind == .chat ? "chatcmpl-" : "cmpl-") + UUID().uuidString.filter { $0 != "-" }.lowercased()
        let created = Int(Date().timeIntervalSince1970)
        let caller = try Caller(request)
        let generations = body.choices.map { choice in
            pipelines.generate(choice.request, model: body.model, isWhole: !body.stream, caller: caller)
        }
        let answering = Answering()
        let presence = await context.presence()
        if body.stream {
            return try await answering.stream(generations, presence: presence, contentType: "text/event-stream") { _ in
                OpenAIStreamEncoder(kind: kind, id: id, created: created, request: body)
            }
        }
        let (answers, route) = try await answering.collect(generations, presence: presence)
        let buffer =
            switch kind {
            case .chat:
                JSONBody.buffer(OpenAIChatAnswer(id: id, created: created, request: body, answers: answers))
            case .completion:
                JSONBody.buffer(OpenAICompletionAnswer(id: id, created: created, request: body, answers: answers))
            }
        return JSONBody.response(buffer, headers: .init(route: route))
    }
}
