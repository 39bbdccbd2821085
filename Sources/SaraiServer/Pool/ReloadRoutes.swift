import HTTPTypes
import Hummingbird
import SaraiConfiguration
import SaraiPool

/// Reads the configuration again.
struct ReloadRoutes: Sendable {
    let reloader: Reloader
    let limits: BodyLimits

    /// The body of a reload.
    static let body = Schema.object([.optional("dry_run", .boolean, "Only says what would change.")])

    /// Adds the route.
    func add(to router: Router<ServerContext>) {
        router.post("/api/pool/reload") { request, _ in
            let (body, _) = try await JSONBody.decode(ReloadRequest.self, from: request, limit: limits.plain)
            do {
                return JSONBody.response(try await reloader.reload(isDryRun: body.isDryRun))
            } catch let error as ConfigurationError {
                // The request is all right; what it asks to be read is not.
                return JSONBody.response(JSONBody.buffer(ReloadRefusal(error)), status: .unprocessableContent)
            }
        }
    }

    private struct ReloadRequest: Decodable {
        /// Whether only to say what would change.
        let isDryRun: Bool

        init(from decoder: any Decoder) throws {
            isDryRun = try RequestFields(decoder).optional("dry_run") ?? false
        }
    }
}
