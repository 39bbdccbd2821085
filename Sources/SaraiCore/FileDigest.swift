/// The SHA-256 of a file: what its bytes are, wherever they come from.
public struct FileDigest: Hashable, Sendable, CustomStringConvertible {
    /// 64 hexadecimal digits in lower case.
    public let hex: String

    /// Reads a digest; `nil` unless `text` is 64 hexadecimal digits, in any case.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 64, text.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else {
            return nil
        }
        hex = text.lowercased()
    }

    /// The digest as registries write it: `sha256:…`.
    public var description: String { "sha256:\(hex)" }
}
