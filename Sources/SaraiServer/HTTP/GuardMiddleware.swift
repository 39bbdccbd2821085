import HTTPTypes
import Hummingbird
import SaraiCore

/// Refuses what a web page in the user's browser could send: other hosts' names (DNS rebinding), other origins, form
/// posts. Programs are not affected.
struct GuardMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    /// Hosts that a request may name besides the loopback names.
    let allowedHosts: [String]

    func handle(
        _ request: Request, context: ServerContext,
        next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        if let refusal = refusal(of: request) {
            let (status, message) = refusal
            let shaped = Dialect(path: request.uri.path)
                .body(of: PoolError(.init(rawValue: "forbidden"), message), status: status)
            return JSONBody.response(shaped, status: status)
        }
        return try await next(request, context)
    }

    /// Why a request is refused, if it is.
    func refusal(of request: Request) -> (HTTPResponse.Status, String)? {
        if let authority = request.head.authority, !isAllowed(host: authority) {
            return (
                .forbidden,
                "host '\(authority)' is not allowed; add it to server.allowed_hosts if it is this machine's name"
            )
        }
        // The server's own page is the only one that may talk to it.
        if let origin = request.headers[.origin], let host = request.head.authority,
            origin != "http://\(host)", origin != "https://\(host)"
        {
            return (.forbidden, "requests from the web page \(origin) are not allowed")
        }
        if let site = request.headers[.secFetchSite], site != "same-origin", site != "none" {
            return (.forbidden, "requests from another web site are not allowed")
        }
        if request.method == .post, let problem = contentTypeProblem(of: request) {
            return (.unsupportedMediaType, problem)
        }
        return nil
    }

    private func contentTypeProblem(of request: Request) -> String? {
        let type = request.headers[.contentType]?.split(separator: ";").first?.lowercased()
        let name = type?.filter { !$0.isWhitespace }
        // Files come as forms, which a web page may post as well: the checks of its origin stand before this one.
        let takesForm = request.uri.path == TranscriptionRoutes.path
        guard name != (takesForm ? "multipart/form-data" : "application/json") else {
            return nil
        }
        guard !takesForm else {
            return "a sound comes as a form: Content-Type: multipart/form-data (with curl: -F file=@question.wav)"
        }
        return "a POST needs the header Content-Type: application/json (with curl: -H 'Content-Type: application/json')"
    }

    private func isAllowed(host authority: String) -> Bool {
        var host = authority[...]
        if host.hasPrefix("[") {
            host = host.dropFirst().prefix { $0 != "]" }
        } else if let colon = host.lastIndex(of: ":") {
            host = host[..<colon]
        }
        let name = host.lowercased()
        return ["localhost", "127.0.0.1", "::1", ""].contains(name) || name.hasSuffix(".localhost")
            || allowedHosts.contains { $0.lowercased() == name }
    }
}

extension HTTPField.Name {
    // The names are valid tokens, so the initialiser cannot fail.
    static var secFetchSite: Self { Self("Sec-Fetch-Site") ?? .referer }
    static var saraiTarget: Self { Self("X-Sarai-Target") ?? .server }
    static var saraiRoute: Self { Self("X-Sarai-Route") ?? .server }
    static var saraiPipeline: Self { Self("X-Sarai-Pipeline") ?? .server }
    static var saraiClient: Self { Self("X-Sarai-Client") ?? .from }
    static var saraiTimeout: Self { Self("X-Sarai-Timeout") ?? .expires }
}
