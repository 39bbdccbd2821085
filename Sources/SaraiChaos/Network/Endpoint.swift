package import NIOCore

/// Where something listens: `HOST:PORT` or `unix:PATH`.
package enum Endpoint: Hashable, Sendable, CustomStringConvertible {
    case tcp(host: String, port: Int)
    case unix(path: String)

    /// Understands a text.
    ///
    /// - Returns: `nil` for anything but `HOST:PORT`, `[IPV6]:PORT` and `unix:PATH`.
    package init?(_ text: String) {
        if text.hasPrefix("unix:"), text.count > 5 {
            self = .unix(path: String(text.dropFirst(5)))
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else {
            return nil
        }
        self = .tcp(host: String(host), port: Int(port))
    }

    /// The endpoint of an address; `nil` for kinds other than IP and unix.
    package init?(_ address: SocketAddress) {
        if let path = address.pathname {
            self = .unix(path: path)
        } else if let host = address.ipAddress, let port = address.port {
            self = .tcp(host: host, port: port)
        } else {
            return nil
        }
    }

    /// As it is written.
    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// The port; 0 for a unix socket.
    package var port: Int {
        switch self {
        case .tcp(_, let port): port
        case .unix: 0
        }
    }

    /// The address; a host's name is looked up, which may wait.
    ///
    /// - Throws: when there is no such host, or the path is too long for a socket.
    func resolve() throws -> SocketAddress {
        switch self {
        case .tcp(let host, let port): try .makeAddressResolvingHost(host, port: port)
        case .unix(let path): try .init(unixDomainSocketPath: path)
        }
    }
}
