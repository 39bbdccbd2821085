import HTTPTypes
import Hummingbird
import SaraiCore

/// Refuses posts of forms, which any web page may make a browser send without being asked.
struct ContentTypeMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    func handle(
        _ request: Request, context: ServerContext,
        next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .post, let problem = contentTypeProblem(of: request) else {
            return try await next(request, context)
        }
        let status = HTTPResponse.Status.unsupportedMediaType
        let error = PoolError(.init(rawValue: "unsupported_media_type"), problem)
        return JSONBody.response(Dialect(path: request.uri.path).body(of: error, status: status), status: status)
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
}
