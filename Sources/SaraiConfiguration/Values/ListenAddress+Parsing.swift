import SaraiCore

extension ListenAddress: CustomStringConvertible {
    /// The address as the configuration writes it: `127.0.0.1:11435`, `[::1]:11435`, `unix:/run/sarai.sock`.
    public var description: String {
        switch self {
        case .tcp(let host, let port): "\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}

extension ListenAddress {
    /// The longest path of a unix socket in bytes. Source: `sun_path` of `unix(7)`, less its terminator.
    package static let maximumSocketPath = 107

    /// The port when an address names none.
    package static let defaultPort = 11_435

    /// Whether only this machine can connect.
    package var isLoopback: Bool {
        switch self {
        case .unix:
            return true
        case .tcp(let host, _):
            let bytes = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
            let isV4Loopback = bytes.count == 4 && bytes[0] == 127 && !bytes.contains(nil)
            return isV4Loopback || ["localhost", "::1"].contains(host.lowercased())
        }
    }
}

extension ValueType where Value == ListenAddress {
    /// An address of this machine, or a unix socket. Whether other machines may reach it is a matter of keys.
    static let listenAddress = ValueType.scalar(
        listenNoun,
        schema: ["type": .string("string"), "minLength": .integer(1)],
        render: { $0.description },
        parse: { text, reader throws(Complaint) in try parse(text, reader) }
    )

    private static var listenNoun: String { "an address such as '127.0.0.1:11435' or 'unix:/run/sarai.sock'" }

    private static func parse(_ text: String, _ reader: ValueReader) throws(Complaint) -> ListenAddress {
        try text.checkedLine(expected: listenNoun)
        if text.hasPrefix("unix:") {
            return try parseSocket(String(text.dropFirst(5)), reader)
        }
        guard !text.contains("://"), let (host, port) = HostAndPort.split(text) else {
            throw Complaint(.invalidValue, "expected \(listenNoun), found \(SourceValue.quoted(text)).")
        }
        guard Int(host) == nil else {
            throw Complaint(.invalidValue, "expected \(listenNoun), found only a number. Write '127.0.0.1:\(host)'.")
        }
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        return .tcp(host: bare, port: port ?? ListenAddress.defaultPort)
    }

    private static func parseSocket(_ text: String, _ reader: ValueReader) throws(Complaint) -> ListenAddress {
        guard !text.isEmpty else {
            throw Complaint(.invalidValue, "expected a path behind 'unix:'.")
        }
        let folders = reader.surroundings.folders
        let path =
            text.hasPrefix("~/")
            ? PathText.joined(folders.home, String(text.dropFirst(2)))
            : PathText.joined(reader.surroundings.base(of: reader.origin), text)
        guard path.utf8.count <= ListenAddress.maximumSocketPath else {
            throw Complaint(
                .invalidValue,
                "the path of a unix socket has at most \(ListenAddress.maximumSocketPath) bytes; \(path) has "
                    + "\(path.utf8.count). Choose a shorter one.")
        }
        return .unix(path: path)
    }
}
