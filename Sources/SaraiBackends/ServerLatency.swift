import Foundation
import NIOCore
import NIOPosix
import SaraiCore

/// How far away a server is.
package struct ServerLatency: Hashable, Sendable {
    /// For a TCP connection to be made, the name looked up included.
    package let connect: Duration
    /// See ``ServerHealth/firstByte``.
    package let firstByte: Duration

    /// Measures a server, with a connection and one cheap question.
    ///
    /// - Parameters:
    ///   - probe: asks the question. One that has no connection to the server yet makes one within ``firstByte``.
    ///   - url: the server's base URL.
    ///   - timeout: for each of the two.
    /// - Returns: how long they took.
    /// - Throws: ``BackendError``.
    package static func measure(
        _ probe: ServerProbe, url: String, timeout: Duration
    ) async throws -> ServerLatency {
        let connect = try await connect(to: url, timeout: timeout)
        let health = try await probe.check(timeout: timeout)
        return ServerLatency(connect: connect, firstByte: health.firstByte)
    }

    private static func connect(to url: String, timeout: Duration) async throws -> Duration {
        guard let components = URLComponents(string: url), let host = components.host, !host.isEmpty else {
            throw BackendError(.unreachable, "'\(url)' names no server")
        }
        let port = components.port ?? (components.scheme?.lowercased() == "https" ? 443 : 80)
        // IPv6 addresses stand in brackets in a URL.
        let address = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        return try await UpstreamClient.translatingErrors {
            let start = ContinuousClock.now
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.init(timeout)).connect(host: address, port: port).get()
            let duration = start.duration(to: .now)
            try await channel.close()
            return duration
        }
    }
}
