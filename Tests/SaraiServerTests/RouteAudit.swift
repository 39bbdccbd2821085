import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded

@testable import SaraiServer

/// Asks every route of a router what it must refuse, and reports what gets through.
struct RouteAudit {
    let router: Router<ServerContext>
    /// A key that lets in.
    let key: String

    /// A request that must be refused.
    struct Attempt {
        let name: String
        let status: Int
        var host: String? = "localhost"
        var headers: HTTPFields = [:]
        /// Whether public routes must refuse it too.
        let holdsForPublic: Bool
    }

    /// What nobody may get through with.
    var attempts: [Attempt] {
        let keyed: HTTPFields = [.authorization: "Bearer \(key)"]
        func with(_ name: String, _ value: String) -> HTTPFields {
            var headers = keyed
            headers[HTTPField.Name(name) ?? .from] = value
            return headers
        }
        return [
            Attempt(name: "no key", status: 401, holdsForPublic: false),
            Attempt(
                name: "a wrong key", status: 401, headers: [.authorization: "Bearer \(key)x"], holdsForPublic: false),
            Attempt(
                name: "a key in another scheme", status: 401, headers: [.authorization: "Basic \(key)"],
                holdsForPublic: false),
            Attempt(name: "no host", status: 400, host: nil, headers: keyed, holdsForPublic: true),
            Attempt(name: "a foreign host", status: 403, host: "evil.example", headers: keyed, holdsForPublic: true),
            Attempt(
                name: "a foreign origin", status: 403, headers: with("Origin", "https://evil.example"),
                holdsForPublic: true),
            Attempt(name: "an opaque origin", status: 403, headers: with("Origin", "null"), holdsForPublic: true),
            Attempt(
                name: "another site", status: 403, headers: with("Sec-Fetch-Site", "cross-site"), holdsForPublic: true),
            Attempt(
                name: "a sister site", status: 403, headers: with("Sec-Fetch-Site", "same-site"), holdsForPublic: true),
        ]
    }

    /// Every route, and some paths that are none.
    var endpoints: [(method: HTTPRequest.Method, path: String)] {
        let routes = router.routes.map { ($0.method, Self.example(of: "\($0.path)")) }
        let none: [(HTTPRequest.Method, String)] = [
            (.get, "/nowhere"), (.post, "/v1/nowhere"), (.delete, "/health"), (.options, "/api/chat"),
            (.get, "//health"),
            (.get, "/health/"), (.get, "/health/../api/tags"), (.get, "/HEALTH"), (.get, "/%68ealth"), (.post, "/"),
            (.get, "/ui/"), (.get, "/ui/.."), (.get, "/ui/../api/tags"), (.get, "/ui/a/b"), (.get, "/ui/%2e%2e"),
            (.post, "/ui/x"),
        ]
        return routes + none
    }

    /// What gets through, or is refused in another way than it should be; nothing if all is well.
    func gaps() async throws -> [String] {
        let responder = router.buildResponder()
        var gaps: [String] = []
        for (method, path) in endpoints {
            let isPublic = PublicRoutes.contain(method, path: path)
            for attempt in attempts where !isPublic || attempt.holdsForPublic {
                let status = try await respond(responder, method, path, attempt)
                if status != attempt.status {
                    gaps.append("\(method) \(path) answers \(status) to \(attempt.name)")
                }
            }
        }
        return gaps
    }

    private func respond(
        _ responder: RouterResponder<ServerContext>, _ method: HTTPRequest.Method, _ path: String, _ attempt: Attempt
    ) async throws -> Int {
        var head = HTTPRequest(
            method: method, scheme: "http", authority: attempt.host, path: path, headerFields: attempt.headers)
        head.headerFields[.contentType] = "application/json"
        let channel = NIOAsyncTestingChannel()
        let context = ServerContext(source: .init(channel: channel, logger: Logger(label: "audit")))
        let response = try await responder.respond(
            to: Request(head: head, body: .init(buffer: ByteBuffer(string: "{}"))), context: context)
        _ = try? await channel.finish()
        return response.status.code
    }

    /// A path that a route matches, its variable parts filled in.
    private static func example(of pattern: String) -> String {
        pattern.split(separator: "/", omittingEmptySubsequences: false).map { part in
            part.contains { ":*{".contains($0) } ? "x" : String(part)
        }.joined(separator: "/")
    }
}
