import HTTPTypes
import Hummingbird
import SaraiAccess
import SaraiCore

/// Lets nobody in without a key, where there are keys: every route but those of ``PublicRoutes``, also those that do not
/// exist.
///
/// What comes after it sees no credentials, so nothing can log them or send them on.
struct AuthenticationMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    let access: AccessControl

    func handle(
        _ request: Request, context: ServerContext,
        next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        guard !PublicRoutes.contain(request) else {
            return try await next(request.withoutCredentials(), context)
        }
        switch access.judge(request.credentials) {
        case .open:
            return try await next(request, context)
        case .admitted(let name):
            return try await next(request.withoutCredentials(of: name), context)
        case .missing:
            return refuse(
                request, challenge: "Bearer realm=\"sarai\"",
                "this Sarai asks for an API key: send the header 'Authorization: Bearer KEY' or 'x-api-key: KEY'. "
                    + "'sarai keys add NAME' on its machine makes one")
        case .wrong:
            return refuse(
                request, challenge: "Bearer realm=\"sarai\", error=\"invalid_token\"",
                "the API key is none of this Sarai's: it is mistyped or was revoked. 'sarai keys list' on its machine "
                    + "shows the names of its keys")
        case .undecidable:
            let error = PoolError(.unavailable, "this Sarai cannot read its API keys; its log says why")
            return Dialect(path: request.uri.path).response(for: error)
        }
    }

    private func refuse(_ request: Request, challenge: String, _ message: String) -> Response {
        let error = PoolError(.init(rawValue: "invalid_api_key"), message)
        var response = JSONBody.response(
            Dialect(path: request.uri.path).body(of: error, status: .unauthorized), status: .unauthorized)
        response.headers[.wwwAuthenticate] = challenge
        return response
    }
}

extension Request {
    /// The keys that came along, in each of the ways in which clients send them: OpenAI's, Ollama's and others' bearer
    /// token (RFC 6750), and Anthropic's header.
    fileprivate var credentials: [String] {
        let authorization = headers[values: .authorization].compactMap { value -> String? in
            let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else {
                return nil
            }
            return String(parts[1])
        }
        // More than a client ever sends, so that nobody gets thousands of guesses for one request.
        return Array((authorization + headers[values: .credentialHeader]).filter { !$0.isEmpty }.prefix(4))
    }

    /// The request as those who come after see it: without the keys that came along, and of a client that is known.
    fileprivate func withoutCredentials(of client: String? = nil) -> Request {
        var head = head
        head.headerFields[.authorization] = nil
        head.headerFields[.credentialHeader] = nil
        // Whoever shares a key among several clients may tell them apart; others are known by their key.
        if let client, head.headerFields[.saraiClient] == nil {
            head.headerFields[.saraiClient] = client
        }
        return Request(head: head, body: body)
    }
}

extension HTTPField.Name {
    // The name is a valid token, so the initialiser cannot fail.
    fileprivate static var credentialHeader: Self { Self("X-Api-Key") ?? .authorization }
}
