import HTTPTypes
import Hummingbird
import SaraiCore

/// Takes large requests as long as all of them together have room, from their first byte to the last of their answers.
struct BodyBudgetMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    let budget: BodyBudget
    /// No body is larger.
    let largest: MemorySize

    /// Bodies up to so many bytes are not counted: as many as there may be connections make no difference, and whoever only
    /// chats shall not wait for those who send pictures.
    static let uncounted = 64 << 10

    func handle(
        _ request: Request, context: ServerContext,
        next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let bytes = bytes(of: request)
        guard bytes > Self.uncounted else {
            return try await next(request, context)
        }
        guard let share = budget.share(bytes: bytes) else {
            throw PoolError(
                .busy, "the large requests that are being answered have all the room there is (server.max_body_total)",
                retryAfter: .seconds(1))
        }
        var response = try await next(request, context)
        // What is there as a whole needs the request no more.
        guard response.body.contentLength == nil else {
            return response
        }
        response.body = ResponseBody { [body = response.body] writer in
            defer { withExtendedLifetime(share) {} }
            try await body.write(writer)
        }
        return response
    }

    /// What is announced; of a body without an announced length, what it may have.
    private func bytes(of request: Request) -> Int {
        if let length = request.headers[.contentLength].flatMap(Int.init) {
            return min(length, largest.bytes)
        }
        return request.headers[.transferEncoding] == nil ? 0 : largest.bytes
    }
}
