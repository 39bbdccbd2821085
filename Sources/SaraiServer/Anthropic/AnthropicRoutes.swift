import Foundation
import HTTPTypes
import Hummingbird
import SaraiCore
import SaraiPipelines
import SaraiPool

/// Anthropic's API.
struct AnthropicRoutes: Sendable {
    let pipelines: Pipelines
    let limits: BodyLimits

    /// Adds the routes.
    func add(to router: Router<ServerContext>) {
        router.post("/v1/messages", use: answer)
        router.post("/v1/messages/count_tokens", use: countTokens)
    }

    @Sendable private func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
        let body = try await decode(request)
        guard body.request.sampling.maxTokens != nil else {
            throw PoolError(.invalidRequest, "max_tokens: missing")
        }
        let id = "msg_" + UUID().uuidString.filter { $0 != "-" }.lowercased()
        let generation = pipelines.generate(
            body.request, model: body.model, isWhole: !body.stream, caller: try Caller(request))
        let answering = Answering()
        let presence = await context.presence()
        if body.stream {
            // Known here; the stream is written by a task that works for the connection.
            let requestID = SaraiCore.RequestID.current
            return try await answering.stream(generation, presence: presence, contentType: "text/event-stream") { _ in
                AnthropicStreamEncoder(id: id, model: body.model.rawValue, requestID: requestID)
            }
        }
        let (answer, route) = try await answering.collect(generation, presence: presence)
        return JSONBody.response(
            AnthropicAnswer(id: id, model: body.model, answer: answer), headers: .init(route: route))
    }

    @Sendable private func countTokens(_ request: Request, _ context: ServerContext) async throws -> Response {
        let body = try await decode(request)
        let caller = try Caller(request)
        let (count, route) = try await context.presence().whileHere {
            try await pipelines.countPromptTokens(of: body.request, model: body.model, caller: caller)
        }
        return JSONBody.response(["input_tokens": count], headers: .init(route: route))
    }

    private func decode(_ request: Request) async throws -> AnthropicRequest {
        let (body, size) = try await JSONBody.decode(AnthropicRequest.self, from: request, limit: limits.withMedia)
        try limits.check(size, hasMedia: !body.request.media.isEmpty)
        return body
    }
}
