import NIOCore
import NIOPosix

/// The proxy's port: open, refusing or unreachable, and reserved all the time.
actor Listener {
    private enum State {
        case open(any Channel)
        case refused
        /// The one connection that fills the waiting line, so that nobody else gets in.
        case unreachable(filler: StreamSocket)
    }

    /// Where clients connect.
    nonisolated let address: SocketAddress
    private let bootstrap: ServerBootstrap
    private let port: @Sendable () -> FaultBook.Port
    private var reserved: ReservedPort
    private var state = State.refused
    private var lastChange: Task<Void, any Error>?

    /// Reserves an address; nobody listens on it yet.
    ///
    /// - Parameters:
    ///   - address: the address; port 0 is any that is free.
    ///   - bootstrap: makes the connections.
    ///   - port: what clients shall find.
    /// - Throws: when the address cannot be had.
    init(_ address: SocketAddress, bootstrap: ServerBootstrap, port: @escaping @Sendable () -> FaultBook.Port) throws {
        reserved = try ReservedPort(address)
        self.address = reserved.address
        self.port = port
        self.bootstrap =
            bootstrap
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.socketOption(ReservedPort.sharing), value: 1)
    }

    /// Makes the port what it shall be. Changes happen one after the other.
    ///
    /// - Throws: `IOError` when the system does not let us.
    func adjust() async throws {
        let previous = lastChange
        // Awaited below; a task so that the next change can wait for this one.
        let change = Task {
            _ = await previous?.result
            try await self.change(to: port())
        }
        lastChange = change
        try await change.value
    }

    private func change(to port: FaultBook.Port) async throws {
        switch (state, port) {
        case (.open, .open), (.refused, .refused), (.unreachable, .unreachable): return
        case (.open(let channel), _): try await channel.close()
        case (.unreachable, _): reserved = try ReservedPort(address)
        case (.refused, _): break
        }
        state = .refused
        switch port {
        case .refused: break
        case .open: state = .open(try await bootstrap.bind(to: address).get())
        case .unreachable: state = .unreachable(filler: try reserved.stopAnswering())
        }
    }
}
