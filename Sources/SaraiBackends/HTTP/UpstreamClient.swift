package import AsyncHTTPClient
import Foundation
package import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SaraiCore

/// The one way from Sarai to a server: POSTs and GETs with typed errors.
package struct UpstreamClient: Sendable {
    private let client: HTTPClient
    private let endpoint: Endpoint
    private let headers: [(String, String)]
    private let trust: ServerTrust?

    /// A client for one server.
    ///
    /// - Parameters:
    ///   - client: made by ``withHTTPClient(connectTimeout:connectionsPerServer:_:)``; shared by all servers.
    ///   - endpoint: the server.
    ///   - bearerToken: sent as `Authorization`.
    ///   - trust: whom the server must be vouched for by; `nil` leaves it to `client`.
    package init(
        client: HTTPClient, endpoint: Endpoint, bearerToken: String? = nil, trust: ServerTrust? = nil
    ) {
        self.client = client
        self.trust = trust
        self.endpoint = endpoint
        var headers = bearerToken.map { [("Authorization", "Bearer \($0)")] } ?? []
        if case .unixSocket = endpoint {
            // llama-server closes kept connections when it likes, which a request that is just being sent would not
            // survive; and it waits for them when it is told to end. A new connection costs little.
            headers.append(("Connection", "close"))
        }
        self.headers = headers
    }

    /// Runs `body` with an HTTP client configured for talking to models, and shuts it down.
    ///
    /// Redirects are refused: an answer that comes from somewhere else than the configuration says is a fault.
    ///
    /// - Parameters:
    ///   - connectTimeout: for a connection to be made.
    ///   - connectionsPerServer: simultaneous requests to one server; further ones would wait unseen.
    ///   - trust: whom servers must be vouched for by; `nil` for the machine's authorities.
    ///   - body: uses the client; it must not keep it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    package static func withHTTPClient<Result>(
        connectTimeout: Duration, connectionsPerServer: Int, trust: ServerTrust? = nil,
        _ body: (HTTPClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: trust?.configuration,
            redirectConfiguration: .disallow,
            timeout: .init(connect: .init(connectTimeout))
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connectionsPerServer
        // The pool fails over at once; a client that retries inside would only hide the time it takes.
        configuration.connectionPool.retryConnectionEstablishment = false
        return try await HTTPClient.withHTTPClient(configuration: configuration, body)
    }

    /// Sends a JSON body and returns the answer, once its status is known to be a success.
    ///
    /// - Parameters:
    ///   - path: absolute path on the server.
    ///   - json: the encoded body.
    ///   - timeout: from now to the response head. Under a ``StallWatchdog`` that one's limits come sooner.
    /// - Returns: the answer, its body still to be read.
    /// - Throws: ``BackendError``; a status other than 2xx is one, with the server's own message.
    package func post(_ path: String, json: ByteBuffer, timeout: Duration = .seconds(86_400)) async throws
        -> HTTPClientResponse
    {
        try await post(path, body: json, contentType: "application/json", timeout: timeout)
    }

    /// Sends a body of any type and returns the answer; see ``post(_:json:timeout:)``.
    func post(
        _ path: String, body: ByteBuffer, contentType: String, timeout: Duration = .seconds(86_400)
    ) async throws -> HTTPClientResponse {
        var request = makeRequest(path, method: .POST)
        request.headers.add(name: "Content-Type", value: contentType)
        request.body = .bytes(body)
        return try await execute(request, timeout: timeout)
    }

    /// Fetches a path's whole answer.
    ///
    /// - Parameters:
    ///   - path: absolute path on the server.
    ///   - timeout: from now to the end of the answer.
    ///   - limit: bytes of the answer at most.
    /// - Returns: the answer's body.
    /// - Throws: ``BackendError``.
    package func get(_ path: String, timeout: Duration, limit: Int = 4 << 20) async throws -> ByteBuffer {
        try await timedGet(path, timeout: timeout, limit: limit).body
    }

    /// An answer took too long.
    private static let late = BackendError(.firstTokenTimeout, "no answer in time")

    /// Fetches a path's whole answer like ``get(_:timeout:limit:)``, and tells how long its first byte took.
    func timedGet(
        _ path: String, timeout: Duration, limit: Int = 4 << 20
    ) async throws -> (body: ByteBuffer, firstByte: Duration) {
        try await withDeadline(timeout, error: Self.late) {
            let start = ContinuousClock.now
            let response = try await execute(makeRequest(path, method: .GET), timeout: timeout)
            let firstByte = start.duration(to: .now)
            return (try await Self.translatingErrors { try await response.body.collect(upTo: limit) }, firstByte)
        }
    }

    private func makeRequest(_ path: String, method: HTTPMethod) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: endpoint.url(of: path))
        request.method = method
        request.tlsConfiguration = trust?.configuration
        for (name, value) in headers {
            request.headers.add(name: name, value: value)
        }
        if let id = RequestID.current {
            request.headers.add(name: RequestID.header, value: id.rawValue)
        }
        return request
    }

    private func execute(_ request: HTTPClientRequest, timeout: Duration) async throws -> HTTPClientResponse {
        let response = try await Self.translatingErrors {
            try await client.execute(request, timeout: .init(timeout))
        }
        guard (200..<300).contains(response.status.code) else {
            throw await Self.error(of: response)
        }
        return response
    }

    /// Runs `body` and turns the HTTP stack's errors into ``BackendError``.
    package static func translatingErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as BackendError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            if Task.isCancelled {
                throw CancellationError()
            }
            throw BackendError(translating: error)
        }
    }

    /// The error that a non-2xx answer stands for.
    private static func error(of response: HTTPClientResponse) async -> BackendError {
        let status = Int(response.status.code)
        // The status says what to do, so the message is not waited for for long.
        let body = try? await withDeadline(.seconds(1), error: late) { try await response.body.collect(upTo: 64 << 10) }
        let message = body.flatMap { ServerErrorMessage.read($0) } ?? "status \(status)"
        let retryAfter = response.headers.first(name: "Retry-After").flatMap { RetryAfter.duration($0, now: Date()) }
        let code: BackendError.Code =
            switch status {
            case 429, 503: .overloaded
            case 404: .modelMissing
            // Redirects are not followed; one is a fault of the server, not of the request.
            case 300..<400: .malformedAnswer
            // The server does not let us in, or was too slow: that says nothing about the request.
            case 401, 403, 407, 408, 500...: .serverError(status)
            default: .rejected(status)
            }
        return BackendError(code, message, retryAfter: retryAfter)
    }
}

extension BackendError {
    /// The error that an error of the HTTP stack stands for.
    init(translating error: any Error) {
        switch error {
        case let error as HTTPClientError where error == .connectTimeout || error == .tlsHandshakeTimeout:
            self.init(.unreachable, "no connection within the connect timeout")
        case let error as HTTPClientError where error == .deadlineExceeded:
            self.init(.firstTokenTimeout, "no answer within the first-token timeout")
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            self.init(.brokenOff, "the connection was closed in the middle of the answer")
        case let error as NIOSSLError:
            self.init(.unreachable, "no encrypted connection: \(error.explanation)")
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            self.init(.unreachable, "no encrypted connection: the server's certificate is for another name")
        case let error as NIOConnectionError:
            let cause = error.connectionErrors.first.map { Self.reason(for: $0.error) } ?? "no address for this name"
            self.init(.unreachable, "cannot connect to \(error.host):\(error.port): \(cause)")
        case let error as IOError where [ECONNRESET, EPIPE, ECONNABORTED, ETIMEDOUT].contains(error.errnoCode):
            self.init(.brokenOff, "the connection was lost: \(Self.reason(for: error))")
        case is IOError:
            self.init(.unreachable, "cannot connect: \(Self.reason(for: error))")
        case ChannelError.connectTimeout:
            self.init(.unreachable, "cannot connect: \(Self.reason(for: error))")
        case let error as HTTPParserError where error == .invalidEOFState:
            self.init(.brokenOff, "the connection was closed in the middle of the answer")
        case is HTTPParserError, is NIOTooManyBytesError, is DecodingError:
            self.init(.malformedAnswer, "the answer is not what the protocol says: \(error)")
        default:
            self.init(.brokenOff, "the connection failed: \(error)")
        }
    }

    /// The system's own words for an error, where it has any.
    private static func reason(for error: any Error) -> String {
        switch error {
        case ChannelError.connectTimeout: "no connection within the connect timeout"
        case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
        default: "\(error)"
        }
    }
}

extension NIOSSLError {
    /// What it means for whoever chose the server.
    fileprivate var explanation: String {
        guard case .handshakeFailed(let cause) = self else {
            return "\(self)"
        }
        let text = "\(cause)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return "nobody that this machine trusts vouches for the server's certificate"
        }
        return text.contains("WRONG_VERSION_NUMBER") ? "the server does not speak TLS; is it http:// ?" : text
    }
}
