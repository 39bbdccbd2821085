package import NIOCore
import NIOHTTP1
import NIOPosix

/// A model server with known answers, in Ollama's and OpenAI's API.
package enum MockServer {
    /// Runs `body` while a mock listens; with it every connection ends.
    ///
    /// - Parameters:
    ///   - listen: where clients connect; port 0 is any that is free.
    ///   - options: how the mock behaves.
    ///   - body: gets the address.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, or what keeps the mock from starting.
    package static func withServer<Result: Sendable>(
        listen: Endpoint, options: MockOptions = MockOptions(), _ body: (SocketAddress) async throws -> Result
    ) async throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let router = MockRouter(options)
        let requests = MockHandler.RequestCount()
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.autoRead, value: options.slowAccept == 0)
                .childChannelInitializer { channel in
                    if options.slowAccept > 0 {
                        channel.eventLoop.scheduleTask(in: .milliseconds(Int64(options.slowAccept))) {
                            channel.setOption(.autoRead, value: true)
                        }
                    }
                    return channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                        try channel.pipeline.syncOperations.addHandler(
                            MockHandler(options, router: router, requests: requests))
                    }
                }
                .bind(to: listen.resolve()).get()
            guard let address = channel.localAddress else {
                preconditionFailure("what listens has an address")
            }
            let result = try await body(address)
            try await group.shutdownGracefully()
            return result
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
    }
}
