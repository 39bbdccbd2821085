/// The name of a model in the pool, as the configuration and the clients write it.
///
/// A name is 1…128 characters of `A–Z a–z 0–9 . _ - / :` that starts with a letter or a digit. It is never joined to a
/// path. Ollama's clients add a tag to every name; `latest` is the tag that means none, so `solar:latest` *is* `solar`.
public struct ModelName: Hashable, Sendable, Comparable {
    /// The name without the tag `latest`.
    public let rawValue: String

    /// Reads a name.
    ///
    /// - Returns: `nil` if `text` is not a well-formed name.
    public init?(_ text: String) {
        let name = text.hasSuffix(":latest") ? String(text.dropLast(7)) : text
        guard (1...128).contains(name.utf8.count),
            let first = name.utf8.first, Self.isAlphanumeric(first),
            name.utf8.allSatisfy({ Self.isAlphanumeric($0) || Self.punctuation.contains($0) }),
            !name.contains("..")
        else {
            return nil
        }
        rawValue = name
    }

    private static let punctuation = Set("._-/:".utf8)

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    public static func < (lhs: ModelName, rhs: ModelName) -> Bool {
        lhs.rawValue < rhs.rawValue
    }

    /// The name with a tag, the form that Ollama's clients compare: `solar:latest`.
    package var tagged: String {
        rawValue.contains(":") ? rawValue : rawValue + ":latest"
    }
}

extension ModelName: CustomStringConvertible {
    public var description: String { rawValue }
}
