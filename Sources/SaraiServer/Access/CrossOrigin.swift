import HTTPTypes
import Hummingbird

/// What a browser is told for a web page that may ask (`server.allowed_origins`). Source: WHATWG Fetch, section 3.2.
struct CrossOrigin: Sendable {
    /// Origins as browsers write them.
    let allowed: Set<String>

    /// Whether a request comes from such a page.
    func permits(_ request: Request) -> Bool {
        request.headers[.origin].map(allowed.contains) ?? false
    }

    /// Whether a browser only asks whether it may ask.
    func isPreflight(_ request: Request) -> Bool {
        request.method == .options && request.headers[.accessControlRequestMethod] != nil
    }

    /// The answer to a preflight. A browser sends no key with it.
    func preflight(_ request: Request) -> Response {
        var headers: HTTPFields = [
            .accessControlAllowMethods: "GET, HEAD, POST, DELETE",
            .accessControlMaxAge: "600",
        ]
        headers[.accessControlAllowHeaders] = request.headers[.accessControlRequestHeaders]
        return marked(Response(status: .noContent, headers: headers), for: request)
    }

    /// The answer, which the page may read.
    func marked(_ response: Response, for request: Request) -> Response {
        var response = response
        response.headers[.accessControlAllowOrigin] = request.headers[.origin]
        response.headers[.vary] = "Origin"
        response.headers[.accessControlExposeHeaders] = "X-Sarai-Target, X-Sarai-Route, X-Sarai-Pipeline, Retry-After"
        return response
    }
}
