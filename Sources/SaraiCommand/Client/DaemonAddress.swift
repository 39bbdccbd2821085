import Foundation
import SaraiBackends
import SaraiConfiguration

/// Where a daemon answers, as people write it: `127.0.0.1:11435`, `http://host:port`, `unix:/run/sarai.sock`.
struct DaemonAddress: Hashable {
    /// Where to connect.
    let endpoint: Endpoint
    /// Whom the daemon must be vouched for by, where it speaks HTTPS; `nil` for the machine's authorities.
    var trust: ServerTrust?
    private let text: String

    /// Where a daemon listens unless told otherwise.
    static let standard = DaemonAddress(.tcp(host: "127.0.0.1", port: standardPort))
    private static let standardPort = 11_435

    /// The address of a daemon that listens on this machine.
    ///
    /// - Parameters:
    ///   - listen: where it listens; where that is every address, one of them.
    ///   - tls: what it proves itself with.
    init(_ listen: ListenAddress, tls: TLSFiles? = nil) {
        switch listen {
        case .tcp("0.0.0.0", let port): self.init(.tcp(host: "127.0.0.1", port: port), tls: tls)
        case .tcp("::", let port): self.init(.tcp(host: "::1", port: port), tls: tls)
        case .tcp: self.init(url: "\(tls == nil ? "http" : "https")://\(listen)")
        case .unix(let path): self.init(endpoint: .unixSocket(path), text: "\(listen)")
        }
        // A certificate is rarely for 127.0.0.1; whoever has its file needs no name to know it.
        trust = tls.map { .itself(file: $0.certificate) }
    }

    /// Whether the daemon is on this machine.
    var isLocal: Bool {
        switch endpoint {
        case .unixSocket: return true
        case .url(let url):
            let host = URLComponents(string: url)?.host ?? ""
            return ListenAddress.tcp(host: host.trimmingCharacters(in: ["[", "]"]), port: 0).isLoopback
        }
    }

    private init(url: String) {
        self.init(endpoint: .url(url), text: url)
    }

    private init(endpoint: Endpoint, text: String) {
        self.endpoint = endpoint
        self.text = text
    }

    /// Reads an address; `nil` if it has none of the three forms.
    init?(parsing argument: String) {
        if argument.hasPrefix("unix:") {
            let path = URL(filePath: (String(argument.dropFirst(5)) as NSString).expandingTildeInPath).path
            guard argument.utf8.count > 5, path.utf8.count <= ListenAddress.maximumSocketPath else {
                return nil
            }
            self.init(.unix(path: path))
            return
        }
        let isBare = !argument.contains("://")
        guard var parts = URLComponents(string: isBare ? "http://\(argument)" : argument),
            let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https",
            let host = parts.host, !host.isEmpty, parts.query == nil, parts.fragment == nil, parts.user == nil,
            !isBare || parts.path.isEmpty
        else {
            return nil
        }
        if isBare, parts.port == nil {
            parts.port = Self.standardPort
        }
        while parts.path.hasSuffix("/") {
            parts.path.removeLast()
        }
        guard let url = parts.string else {
            return nil
        }
        self.init(url: url)
    }
}

extension DaemonAddress: CustomStringConvertible {
    var description: String { text }
}
