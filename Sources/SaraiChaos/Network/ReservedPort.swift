#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
import NIOCore

/// A port that stays ours while nobody listens on it.
///
/// The socket is bound and shares its port (`SO_REUSEPORT`) with the one that listens. While that one is closed, the
/// kernel refuses connections, and gives the port to no one else.
final class ReservedPort: Sendable {
    /// The option that lets the listening socket have the same port.
    static let sharing = NIOBSDSocket.Option(rawValue: SO_REUSEPORT)

    /// The address; a port of 0 has become the one that was free.
    let address: SocketAddress
    private let socket: StreamSocket

    /// Binds.
    ///
    /// - Throws: `IOError`, for instance when the address is in use.
    init(_ wanted: SocketAddress) throws {
        let socket = try StreamSocket(for: wanted)
        for option in [SO_REUSEADDR, SO_REUSEPORT] {
            var on: CInt = 1
            try check(
                setsockopt(socket.descriptor, SOL_SOCKET, option, &on, socklen_t(MemoryLayout<CInt>.size)), "setsockopt"
            )
        }
        try check(wanted.withSockAddr { bind(socket.descriptor, $0, socklen_t($1)) }, "bind")
        var bound = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        try withUnsafeMutablePointer(to: &bound) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try check(getsockname(socket.descriptor, $0, &length), "getsockname")
            }
        }
        var address = wanted
        address.port =
            switch wanted {
            case .v6, .v4:
                withUnsafeBytes(of: &bound) { Int(UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self))) }
            case .unixDomainSocket: nil
            }
        self.address = address
        self.socket = socket
    }

    /// Makes the port one that answers nobody: the kernel completes a single connection, and drops every SYN after it.
    ///
    /// - Returns: that single connection. The port answers again when it and this object are gone.
    /// - Throws: `IOError`.
    func stopAnswering() throws -> StreamSocket {
        try check(listen(socket.descriptor, 0), "listen")
        let filler = try StreamSocket(for: address)
        try check(address.withSockAddr { connect(filler.descriptor, $0, socklen_t($1)) }, "connect")
        return filler
    }
}

/// A socket that is closed with its last reference.
final class StreamSocket: Sendable {
    /// The file descriptor.
    let descriptor: CInt

    /// Opens a socket for connections of the address's kind.
    init(for address: SocketAddress) throws {
        #if canImport(Glibc)
            let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        #else
            let type = SOCK_STREAM
        #endif
        descriptor = socket(CInt(address.protocol.rawValue), type, 0)
        try check(descriptor, "socket")
    }

    deinit {
        close(descriptor)
    }
}

/// Makes an error of a system call's result.
private func check(_ result: CInt, _ call: String) throws {
    guard result >= 0 else {
        throw IOError(errnoCode: errno, reason: call)
    }
}
