import HTTPTypes
import Hummingbird
import Logging
import SaraiCore

/// Gives every error the shape of the client's dialect. No answer is ever an empty 500.
struct ErrorMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    func handle(
        _ request: Request, context: ServerContext,
        next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let dialect = Dialect(path: request.uri.path)
        do {
            return try await next(request, context)
        } catch let error as PoolError {
            return dialect.response(for: error)
        } catch is CancellationError {
            return dialect.response(for: PoolError(.cancelled, "the request was cancelled"))
        } catch let error as any HTTPResponseError {
            let message =
                error.status == .notFound ? "no route \(request.method) \(request.uri.path)" : "\(error)"
            let shaped = dialect.body(of: PoolError(.init(rawValue: "http_error"), message), status: error.status)
            return JSONBody.response(shaped, status: error.status)
        } catch {
            context.logger.error("request failed unexpectedly", metadata: ["error": "\(error)"])
            let shaped = dialect.body(of: PoolError(.init(rawValue: "internal_error"), "internal error: \(error)"))
            return JSONBody.response(shaped, status: .internalServerError)
        }
    }
}
