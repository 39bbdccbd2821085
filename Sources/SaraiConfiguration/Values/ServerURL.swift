import SaraiCore

/// A server's base URL, taken apart and checked.
struct ServerURL: Equatable, Sendable {
    /// `http` or `https`.
    let scheme: String
    /// `host:port`; the port is always there.
    let authority: String
    /// Empty, or begins with a slash and does not end with one.
    var path: String
    /// Where the URL stands.
    let origin: Origin

    /// The URL without a trailing slash.
    var text: String {
        "\(scheme)://\(authority)\(path)"
    }

    /// Reads a URL.
    init(_ text: String, from origin: Origin) throws(Complaint) {
        let shown = text.contains("@") ? "a URL with '@'" : SourceValue.quoted(text)
        try text.checkedLine(expected: Self.noun)
        guard let colon = text.firstRange(of: "://") else {
            throw Complaint(.invalidValue, "expected \(Self.noun), found \(shown). Write 'http://' before it.")
        }
        scheme = text[..<colon.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else {
            throw Complaint(.invalidValue, "expected \(Self.noun), found \(shown).")
        }
        let rest = text[colon.upperBound...]
        let host = rest.prefix { !"/?#".contains($0) }
        guard !host.contains("@") else {
            throw Complaint(
                .invalidValue, "a URL must not hold a user or a password. Put the secret in 'api_key' as ${NAME}.")
        }
        guard let (name, port) = HostAndPort.split(host), port != 0 else {
            throw Complaint(.invalidValue, "expected \(Self.noun), found \(shown): the host or the port is malformed.")
        }
        authority = "\(name.lowercased()):\(port ?? (scheme == "http" ? 80 : 443))"
        let tail = rest.dropFirst(host.count)
        let isPlain = tail.utf8.allSatisfy { $0 > 32 && $0 < 127 } && !tail.contains { "?#\"\\<>".contains($0) }
        guard isPlain else {
            throw Complaint(
                .invalidValue, "expected \(Self.noun), found \(shown): it must end with the host or a path.")
        }
        path = tail.split(separator: "/").map { "/" + $0 }.joined()
        self.origin = origin
    }

    /// What messages call it.
    static let noun = "a URL such as 'http://10.0.0.7:11434'"
}

extension ValueType where Value == ServerURL {
    /// The base URL of a server.
    static let serverURL = ValueType.scalar(
        ServerURL.noun,
        schema: ["type": .string("string"), "pattern": .string("^[Hh][Tt][Tt][Pp][Ss]?://")],
        render: { $0.text },
        parse: { text, reader throws(Complaint) in try ServerURL(text, from: reader.origin) }
    )
}

extension ValueType where Value == String {
    /// The base URL of a server, without a trailing slash.
    static let baseURL = ValueType.scalar(
        ServerURL.noun,
        schema: ["type": .string("string"), "pattern": .string("^[Hh][Tt][Tt][Pp][Ss]?://")],
        render: { $0 },
        parse: { text, reader throws(Complaint) in try ServerURL(text, from: reader.origin).text }
    )
}

/// `host:port`, as addresses and URLs write it.
enum HostAndPort {
    /// Takes `host`, `host:port` or `[v6]:port` apart.
    ///
    /// - Returns: `nil` if the host is empty or has characters that no host has, or if the port is not one. The host of
    ///   an IPv6 address keeps its brackets.
    static func split(_ text: some StringProtocol) -> (host: String, port: Int?)? {
        let text = String(text)
        let isV6 = text.hasPrefix("[")
        let hostEnd =
            isV6 ? text.firstIndex(of: "]").map(text.index(after:)) : text.firstIndex(of: ":") ?? text.endIndex
        guard let hostEnd else {
            return nil
        }
        let host = text[..<hostEnd], tail = text[hostEnd...]
        let isHost = isV6 ? isV6Address(host.dropFirst().dropLast()) : isName(host)
        guard isHost else {
            return nil
        }
        guard !tail.isEmpty else {
            return (String(host), nil)
        }
        let digits = tail.dropFirst()
        guard tail.hasPrefix(":"), digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(digits),
            port <= 65_535
        else {
            return nil
        }
        return (String(host), port)
    }

    private static func isV6Address(_ text: Substring) -> Bool {
        text.utf8.count >= 2 && text.contains(":")
            && text.utf8.allSatisfy { byte in
                byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".") || Character(UnicodeScalar(byte)).isHexDigit
            }
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.count <= 253 && !text.hasPrefix(".") && !text.hasPrefix("-") && !text.contains("..")
            && text.utf8.allSatisfy { byte in
                let character = Character(UnicodeScalar(byte))
                return byte < 128 && (character.isLetter || character.isNumber || "-._".contains(character))
            }
    }
}
