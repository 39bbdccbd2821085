import Hummingbird
import SaraiCore
import SaraiPipelines
import SaraiPool

/// The router: who would answer a text, and what will be needed for one that is still being typed.
struct RouterRoutes: Sendable {
    let pipelines: Pipelines
    let limits: BodyLimits

    /// The body of both requests.
    static let body = Schema.object([.required("text", .string)])

    /// Adds the routes.
    func add(to router: Router<ServerContext>) {
        router.post("/api/pool/route") { request, context in
            let (body, _) = try await JSONBody.decode(TextRequest.self, from: request, limit: limits.plain)
            let caller = try Caller(request)
            let decision = try await context.presence().whileHere {
                await pipelines.router.decide(body.text, caller: caller)
            }
            return JSONBody.response(RouteAnswer(decision))
        }
        router.post("/api/pool/prefetch") { request, _ in
            let (body, _) = try await JSONBody.decode(TextRequest.self, from: request, limit: limits.plain)
            return JSONBody.response(try pipelines.prefetch(body.text))
        }
    }

    private struct TextRequest: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            text = try RequestFields(decoder).required("text")
        }
    }
}
