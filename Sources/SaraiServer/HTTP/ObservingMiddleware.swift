import HTTPTypes
import Hummingbird
import Logging
import SaraiCore
import SaraiMetrics

/// Gives every request its id, and says when its answer has ended: to the metrics, and at level debug to the log. It never
/// looks at bodies.
struct ObservingMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    let metrics: MetricRegistry
    let logger: Logger

    /// Methods that are counted by name; a client may think of any.
    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]
    /// Characters of a path that are logged.
    private static let longestPath = 200

    func handle(
        _ request: Request, context: ServerContext,
        next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let id = request.headers[.requestID].flatMap(RequestID.init) ?? .random()
        var response = try await RequestID.$current.withValue(id) { try await next(request, context) }
        response.headers[.requestID] = id.rawValue
        if Dialect(path: request.uri.path) == .anthropic {
            response.headers[.anthropicRequestID] = id.rawValue
        }
        let (status, headers) = (response.status, response.headers)
        let end: @Sendable () -> Void = {
            RequestID.$current.withValue(id) {
                ended(request, context, status, headers, after: start.duration(to: .now))
            }
        }
        // What is there as a whole goes out with its head, in one write; in a closure it would take three.
        guard response.body.contentLength == nil else {
            end()
            return response
        }
        response.body = ResponseBody { [body = response.body] writer in
            // Also where the client has left in the middle of it.
            defer { end() }
            try await body.write(writer)
        }
        return response
    }

    private func ended(
        _ request: Request, _ context: ServerContext, _ status: HTTPResponse.Status, _ headers: HTTPFields,
        after duration: Duration
    ) {
        let method = Self.methods.contains(request.method) ? request.method.rawValue : "other"
        // What stands for a path that there is not begins with no slash.
        let route = context.endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "none"
        metrics.observe(.httpDuration, method, route, "\(status.code)", seconds: duration.seconds)
        logger.debug(
            "request answered",
            metadata: accessMetadata(request, status, headers).merging(
                ["seconds": "\(duration.seconds.formatted(decimals: 4))"]) { $1 })
    }

    private func accessMetadata(
        _ request: Request, _ status: HTTPResponse.Status, _ headers: HTTPFields
    ) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "method": "\(request.method)", "path": "\(request.uri.path.prefix(Self.longestPath))",
            "status": "\(status.code)",
        ]
        if let target = headers[.saraiTarget] {
            metadata["target"] = "\(target)"
            // A model's name may have slashes, what comes after it has none.
            metadata["model"] = target.lastIndex(of: "/").map { "\(target[..<$0])" }
            metadata["route"] = headers[.saraiRoute].map { "\($0)" }
        }
        return metadata
    }
}

extension HTTPField.Name {
    // The names are valid tokens, so the initialiser cannot fail.
    static var anthropicRequestID: Self { Self("request-id") ?? .server }
    static var requestID: Self { Self(RequestID.header) ?? .server }
}
