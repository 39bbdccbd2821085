package import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// A server in this process that answers as a test says: an upstream that can be made to misbehave.
package enum StubUpstream {
    /// Runs `body` while a server listens on a free loopback port.
    ///
    /// - Parameters:
    ///   - answer: answers every request.
    ///   - body: gets the server's base URL.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, or what keeps the server from starting.
    package static func run<Result: Sendable>(
        answering answer: @escaping @Sendable (Request) async throws -> Response,
        _ body: @escaping @Sendable (String) async throws -> Result
    ) async throws -> Result {
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let router = Router()
        for method in [HTTPRequest.Method.get, .post] {
            router.on("**", method: method) { request, _ in try await answer(request) }
        }
        var logger = Logger(label: "stub")
        logger.logLevel = .critical
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                found.yield(channel.localAddress?.port ?? 0)
                found.finish()
            }, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            defer { group.cancelAll() }
            for await port in ports {
                return try await body("http://127.0.0.1:\(port)")
            }
            throw CancellationError()
        }
    }

    /// An answer that is streamed in the given pieces, each written by itself.
    package static func stream(_ pieces: [String], contentType: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: contentType],
            body: ResponseBody { writer in
                for piece in pieces {
                    try await writer.write(ByteBuffer(string: piece))
                }
                try await writer.finish(nil)
            })
    }

    /// An answer whose connection is cut after the given pieces.
    package static func cut(after pieces: [String] = []) -> Response {
        Response(
            status: .ok,
            body: ResponseBody { writer in
                for piece in pieces {
                    try await writer.write(ByteBuffer(string: piece))
                }
                throw CancellationError()
            })
    }

    /// An answer that never comes to an end, after the given pieces.
    package static func hang(after pieces: [String] = []) -> Response {
        Response(
            status: .ok,
            body: ResponseBody { writer in
                for piece in pieces {
                    try await writer.write(ByteBuffer(string: piece))
                }
                try await Task.sleep(for: .seconds(60))
                try await writer.finish(nil)
            })
    }
}
