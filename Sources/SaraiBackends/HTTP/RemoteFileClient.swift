package import AsyncHTTPClient
import NIOCore
package import NIOHTTP1
import SaraiMemory

/// Asks servers for files, or for parts of them.
///
/// Unlike ``UpstreamClient`` it follows redirects, since hubs keep files elsewhere than their addresses say: so many, never
/// out of encryption, and with the token only where it belongs.
package struct RemoteFileClient: Sendable {
    /// A token and the one server that it is sent to, wherever redirects lead.
    package struct Credential: Sendable {
        let origin: RemoteAddress
        let token: String

        /// A token for the server of an address.
        package init(_ token: String, for origin: RemoteAddress) {
            self.origin = origin
            self.token = token
        }
    }

    /// An answer that is no redirect.
    package struct Answer: Sendable {
        /// What it says of what follows.
        package let head: RemoteAnswerHead
        /// What follows.
        package let body: HTTPClientResponse.Body
        /// Where it came from in the end.
        package let location: RemoteAddress
        /// What the first server said of the file; a redirect says it as well as an answer.
        package let linked: RemoteAnswerHead.Linked
        /// Requests that it took, those that were redirected among them.
        package let requests: Int
        /// The address of the next page of a list, by the header `Link`.
        package let nextPage: String?
    }

    /// Redirects that are followed for one answer.
    private static let maximumRedirects = 5

    private let client: HTTPClient
    private let credential: Credential?
    private let isStrict: Bool

    /// Runs `body` with a client.
    ///
    /// - Parameters:
    ///   - patience: how long a server may say nothing.
    ///   - credential: sent to one server only.
    ///   - isStrict: whether only encrypted servers and this machine are asked, also by redirects.
    ///   - connections: requests to one server at the same time, at most.
    ///   - body: uses the client; it must not keep it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    package static func withClient<Result>(
        patience: Duration = .seconds(30), credential: Credential? = nil, isStrict: Bool = false, connections: Int = 16,
        _ body: (RemoteFileClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .init(min(patience, .seconds(10))), read: .init(patience)))
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            try await body(RemoteFileClient(client: client, credential: credential, isStrict: isStrict))
        }
    }

    /// Asks for a file, and follows redirects.
    ///
    /// - Parameters:
    ///   - address: where to begin.
    ///   - headers: sent to every server on the way.
    ///   - source: what errors call the file.
    /// - Returns: the first answer that is no redirect, whatever its status, its body still to be read.
    /// - Throws: ``BackendError``.
    package func get(_ address: RemoteAddress, headers: HTTPHeaders, source: String) async throws -> Answer {
        var location = address
        var linked: RemoteAnswerHead.Linked?
        for requests in 1...Self.maximumRedirects + 1 {
            guard !isStrict || location.isPrivate else {
                throw BackendError(
                    .unsupported, "\(source): \(location) is neither encrypted nor on this machine; this is not fetched"
                )
            }
            let response = try await execute(location, headers: headers, source: source)
            let head = RemoteAnswerHead(status: Int(response.status.code), headers: response.headers)
            linked = linked ?? head.linked
            guard let target = head.redirectTarget else {
                let next = response.headers.first(name: "Link")?.firstMatch(of: /<([^>]*)> *; *rel="?next"?/)
                return Answer(
                    head: head, body: response.body, location: location, linked: linked ?? head.linked,
                    requests: requests, nextPage: next.map { String($0.1) })
            }
            location = try location.redirected(to: target)
        }
        throw BackendError(
            .malformedAnswer, "\(source): more than \(Self.maximumRedirects) redirects; is the address right?")
    }

    private func execute(
        _ location: RemoteAddress, headers: HTTPHeaders, source: String
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: location.url)
        request.headers = headers
        if let credential, location.hasSameOrigin(as: credential.origin) {
            request.headers.add(name: "Authorization", value: "Bearer \(credential.token)")
        }
        return try await Self.translatingErrors(source) {
            // The client's `read` timeout bounds each silence; this one, the wait for the answer's head as a whole.
            try await client.execute(request, timeout: .minutes(5))
        }
    }

    /// Runs `body` and names the file in the errors of the HTTP stack.
    package static func translatingErrors<Result>(
        _ source: String, _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let error where error is GGUFError || error is BackendError || error is CancellationError {
            throw error
        } catch let error as HTTPClientError where error == .readTimeout || error == .deadlineExceeded {
            throw BackendError(.stalled, "\(source): the server sends nothing; try again later")
        } catch {
            if Task.isCancelled {
                throw CancellationError()
            }
            let translated = BackendError(translating: error)
            throw BackendError(translated.code, "\(source): \(translated.message)")
        }
    }
}
