package import NIOCore
import NIOPosix

/// A TCP proxy that breaks what passes through it, where and when it is told to.
package final class ChaosProxy: Sendable {
    /// Where clients connect.
    package let address: SocketAddress
    /// Where the control port is; `nil` when there is none.
    package let controlAddress: SocketAddress?
    private let control: ProxyControl

    private init(address: SocketAddress, controlAddress: SocketAddress?, control: ProxyControl) {
        self.address = address
        self.controlAddress = controlAddress
        self.control = control
    }

    /// Runs `body` while a proxy listens; with it every connection ends.
    ///
    /// - Parameters:
    ///   - listen: where clients connect; port 0 is any that is free.
    ///   - upstream: where requests go.
    ///   - controlEndpoint: where faults can be set over HTTP.
    ///   - faults: what goes wrong from the start.
    ///   - seed: decides everything that is random.
    ///   - body: gets the proxy.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, or what keeps the proxy from starting.
    package static func withProxy<Result: Sendable>(
        listen: Endpoint, to upstream: Endpoint, control controlEndpoint: Endpoint? = nil, faults: [Fault] = [],
        seed: UInt64 = 0, _ body: (ChaosProxy) async throws -> Result
    ) async throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        do {
            let state = ProxyState(upstream: upstream, faults: faults, seed: seed)
            let bootstrap = ServerBootstrap(group: group)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(ClientHandler(channel: channel, proxy: state))
                    }
                }
            let listener = try Listener(listen.resolve(), bootstrap: bootstrap) { state.port }
            let control = ProxyControl(state: state, listener: listener)
            let controlChannel: (any Channel)? =
                if let controlEndpoint {
                    try await ControlHandler.listen(at: controlEndpoint.resolve(), for: control, group: group)
                } else {
                    nil
                }
            try await listener.adjust()
            let proxy = ChaosProxy(
                address: listener.address, controlAddress: controlChannel?.localAddress, control: control)
            let result = try await body(proxy)
            try await group.shutdownGracefully()
            return result
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
    }

    /// What has been seen so far.
    package var statistics: ProxyStatistics {
        control.statistics
    }

    /// The faults that are set.
    package var faults: [Fault] {
        control.faults
    }

    /// Replaces the faults; they hold when this returns.
    ///
    /// - Throws: `IOError` when the port cannot be opened or closed.
    package func set(_ faults: [Fault]) async throws {
        try await control.set(faults)
    }

    /// Resets every open connection.
    package func resetConnections() {
        control.resetConnections()
    }
}
