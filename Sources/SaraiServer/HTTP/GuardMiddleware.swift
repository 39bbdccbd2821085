import HTTPTypes
import Hummingbird
import SaraiCore

/// Refuses what a web page in the user's browser could send: other hosts' names (DNS rebinding), other origins. Programs are
/// not affected.
struct GuardMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    let hosts: HostCheck
    let origins: CrossOrigin

    func handle(
        _ request: Request, context: ServerContext,
        next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        if let refusal = refusal(of: request, context) {
            let (status, message) = refusal
            let shaped = Dialect(path: request.uri.path)
                .body(of: PoolError(.init(rawValue: "forbidden"), message), status: status)
            return JSONBody.response(shaped, status: status)
        }
        guard origins.permits(request) else {
            return try await next(request, context)
        }
        return origins.isPreflight(request)
            ? origins.preflight(request) : origins.marked(try await next(request, context), for: request)
    }

    /// Why a request is refused, if it is.
    private func refusal(of request: Request, _ context: ServerContext) -> (HTTPResponse.Status, String)? {
        // Some clients name no host where there is none.
        guard let authority = request.head.authority ?? (context.isUnixSocket ? "" : nil),
            request.headers[.furtherHost] == nil
        else {
            return (.badRequest, "a request needs the header Host, once (RFC 9112, section 3.2)")
        }
        guard hosts.permits(authority, connectedTo: context.localAddress) else {
            return (
                .forbidden,
                "host '\(authority)' is not allowed; add it to server.allowed_hosts if it is this machine's name"
            )
        }
        guard !origins.permits(request) else {
            return nil
        }
        // The server's own page is the only other one that may talk to it.
        if let origin = request.headers[.origin], origin != "http://\(authority)", origin != "https://\(authority)" {
            return (
                .forbidden,
                "requests from the web page \(origin) are not allowed; add it to server.allowed_origins if they are meant"
            )
        }
        if let site = request.headers[.secFetchSite], site != "same-origin", site != "none" {
            return (.forbidden, "requests from another web site are not allowed")
        }
        return nil
    }
}

extension HTTPField.Name {
    // The names are valid tokens, so the initialiser cannot fail.
    /// A second `Host`: the first is the request's authority.
    fileprivate static var furtherHost: Self { Self("Host") ?? .referer }
    static var secFetchSite: Self { Self("Sec-Fetch-Site") ?? .referer }
    static var saraiTarget: Self { Self("X-Sarai-Target") ?? .server }
    static var saraiRoute: Self { Self("X-Sarai-Route") ?? .server }
    static var saraiPipeline: Self { Self("X-Sarai-Pipeline") ?? .server }
    static var saraiClient: Self { Self("X-Sarai-Client") ?? .from }
    static var saraiTimeout: Self { Self("X-Sarai-Timeout") ?? .expires }
}
