package import Foundation
import SaraiCore

/// The keys that let clients in, by name: what the file of keys holds.
package struct APIKeyRing: Sendable {
    /// What is kept of one key.
    package struct Entry: Sendable {
        /// Tells whose key it is: `laptop`.
        package let name: String
        /// When it was made.
        package let created: Date
        /// The key's last characters.
        package let ending: String
        /// What the key is checked against.
        let digest: APIKeyDigest
    }

    /// The keys, the oldest first.
    package private(set) var entries: [Entry] = []

    /// No keys.
    package init() {}

    /// Adds a key.
    ///
    /// - Throws: ``AccessError`` if the name is not one, or has a key already: whoever wants another key for it revokes that
    ///   one first.
    package mutating func add(_ key: APIKey, name: String, at time: Date) throws(AccessError) {
        guard Self.isName(name) else {
            throw AccessError(
                .invalidName,
                "'\(name.prefix(80))' is not a name for a key: use 1 to 64 letters, digits, '.', '_' and '-', such as "
                    + "'laptop'.")
        }
        guard !entries.contains(where: { $0.name == name }) else {
            throw AccessError(
                .duplicate,
                "there is a key '\(name)' already. Choose another name, or revoke that one: 'sarai keys revoke \(name)'."
            )
        }
        entries.append(Entry(name: name, created: time, ending: key.ending, digest: APIKeyDigest(of: key.text)))
    }

    /// Removes a key.
    ///
    /// - Returns: what was removed.
    /// - Throws: ``AccessError`` if there is none of that name.
    @discardableResult
    package mutating func revoke(_ name: String) throws(AccessError) -> Entry {
        guard let index = entries.firstIndex(where: { $0.name == name }) else {
            let names = entries.map(\.name)
            throw AccessError(
                .unknownName,
                "there is no key '\(name.prefix(80))'." + Suggestion.sentence(for: name, among: names)
                    + " 'sarai keys list' shows them.")
        }
        return entries.remove(at: index)
    }

    /// The name of the key that `digest` is of; `nil` if it is of none. Looks at all keys, whichever it is.
    func owner(of digest: APIKeyDigest) -> String? {
        entries.reduce(nil as String?) { found, entry in entry.digest.matches(digest) ? entry.name : found }
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && !text.hasPrefix("-")
            && text.utf8.allSatisfy { byte in
                let character = Character(UnicodeScalar(byte))
                return byte < 128 && (character.isLetter || character.isNumber || "._-".contains(character))
            }
    }
}

extension APIKeyRing.Entry {
    /// Whether this is the entry of a key.
    package func isOf(_ key: String) -> Bool {
        digest.matches(APIKeyDigest(of: key))
    }
}

extension APIKeyRing: Codable {
    /// Of the file's format; a later one may change it.
    private static let version = 1

    private enum CodingKeys: CodingKey {
        case version, keys
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let version = try container.decode(Int.self, forKey: .version)
        guard version == Self.version else {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: container, debugDescription: "version \(version) is of another Sarai")
        }
        entries = try container.decode([Entry].self, forKey: .keys)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.version, forKey: .version)
        try container.encode(entries, forKey: .keys)
    }
}

extension APIKeyRing.Entry: Codable {
    private enum CodingKeys: CodingKey {
        case name, created, ending, sha256
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        created = try container.decode(Date.self, forKey: .created)
        ending = try container.decode(String.self, forKey: .ending)
        guard let digest = APIKeyDigest(hex: try container.decode(String.self, forKey: .sha256)) else {
            throw DecodingError.dataCorruptedError(
                forKey: .sha256, in: container, debugDescription: "expected 64 hexadecimal digits")
        }
        self.digest = digest
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(created, forKey: .created)
        try container.encode(ending, forKey: .ending)
        try container.encode(digest.hex, forKey: .sha256)
    }
}
