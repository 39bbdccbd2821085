import Foundation
import Hummingbird
import SaraiCore
import SaraiPipelines
import SaraiPool

/// OpenAI's newer API for text.
struct ResponsesRoutes: Sendable {
    let pipelines: Pipelines
    let limits: BodyLimits

    /// Adds the routes.
    func add(to router: Router<ServerContext>) {
        router.post("/v1/responses", use: respond)
        for path in ["/v1/responses/{id}", "/v1/responses/{id}/input_items"] {
            router.get(RouterPath(path)) { _, _ -> Response in throw Self.nothingStored }
        }
        router.delete("/v1/responses/{id}") { _, _ -> Response in throw Self.nothingStored }
        router.post("/v1/responses/{id}/cancel") { _, _ -> Response in throw Self.nothingStored }
    }

    private static let nothingStored = PoolError(
        .notImplemented, "responses are not stored: each is complete with the answer to its request")

    @Sendable private func respond(_ request: Request, _ context: ServerContext) async throws -> Response {
        let (body, size) = try await JSONBody.decode(ResponsesRequest.self, from: request, limit: limits.withMedia)
        try limits.check(size, hasMedia: !body.request.media.isEmpty)
        let response = ResponseObject(
            id: UUID().uuidString.filter { $0 != "-" }.lowercased(), created: Int(Date().timeIntervalSince1970),
            request: body)
        let generation = pipelines.generate(
            body.request, model: body.model, isWhole: !body.stream, caller: try Caller(request))
        let answering = Answering()
        let presence = await context.presence()
        if body.stream {
            return try await answering.stream(generation, presence: presence, contentType: "text/event-stream") { _ in
                ResponsesStreamEncoder(response)
            }
        }
        let (answer, route) = try await answering.collect(generation, presence: presence)
        return JSONBody.response(
            response.json(.finished(answer.completion), output: Self.items(of: answer, response.id).map(\.json)),
            headers: .init(route: route))
    }

    /// The items of a whole answer, in the order in which they were made.
    private static func items(of answer: CollectedAnswer, _ response: String) -> [ResponseItem] {
        var items: [ResponseItem] = []
        func add(_ kind: ResponseItem.Kind, _ text: String, _ logprobs: [TokenLogprobs] = []) {
            var item = ResponseItem(kind, of: response, index: items.count)
            item.text = text
            item.logprobs = logprobs
            item.isDone = true
            items.append(item)
        }
        if !answer.thinking.isEmpty {
            add(.reasoning, answer.thinking)
        }
        if !answer.content.isEmpty || answer.toolCalls.isEmpty {
            add(.message, answer.content, answer.logprobs)
        }
        for call in answer.toolCalls {
            add(.call(id: call.id, name: call.name), call.arguments)
        }
        return items
    }
}
