import Hummingbird
import SaraiCore

/// The description of the API, for programs that read one.
struct DescriptionRoutes: Sendable {
    let version: String

    /// Adds the route.
    func add(to router: Router<ServerContext>) {
        // The same for as long as the daemon runs.
        let document = JSONBody.buffer(APIDescription(version: version).document)
        router.get("/openapi.json") { _, _ in JSONBody.response(document) }
    }
}
