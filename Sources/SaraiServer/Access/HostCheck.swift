import NIOCore

/// Which hosts a request may name: a web page whose name was made to lead here (DNS rebinding) names its own.
struct HostCheck: Sendable {
    /// Names besides those of this machine, in lower case.
    private let allowed: Set<String>
    /// `127.0.0.1` and `::1`.
    private static let loopback: [[UInt8]] = [[127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1]]

    /// A check.
    ///
    /// - Parameter allowed: names besides those of this machine.
    init(allowed: [String]) {
        self.allowed = Set(allowed.map { $0.lowercased() })
    }

    /// Whether a request may name a host.
    ///
    /// - Parameters:
    ///   - authority: `host` or `host:port`; of a unix socket empty.
    ///   - address: the bytes of the address of this machine that the client connected to. Names can be made to lead
    ///     anywhere, an address is what it is, however it is spelt.
    /// - Returns: whether it is one of this machine's.
    func permits(_ authority: String, connectedTo address: [UInt8]?) -> Bool {
        let host = Self.host(of: authority)
        if host.isEmpty || host == "localhost" || host.hasSuffix(".localhost") || allowed.contains(host) {
            return true
        }
        guard let named = try? SocketAddress(ipAddress: host, port: 0).ipBytes else {
            return false
        }
        return Self.loopback.contains(named) || named == address
    }

    /// The host of an authority in lower case, without its port and brackets.
    private static func host(of authority: String) -> String {
        var host = authority[...]
        if host.hasPrefix("[") {
            host = host.dropFirst().prefix { $0 != "]" }
        } else if let colon = host.lastIndex(of: ":") {
            host = host[..<colon]
        }
        return host.lowercased()
    }
}
