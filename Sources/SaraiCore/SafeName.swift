/// Names from the network that may become part of a path on this machine.
///
/// Whatever a server or a client sends is checked against one strict pattern before it is joined to a folder: it cannot
/// leave that folder, be hidden, or be taken for an option.
package enum SafeName {
    /// What messages say that such a name consists of.
    package static let rule = "A–Z a–z 0–9 . _ + -, first a letter or a digit, without '..'"

    /// Whether `text` is one component of a path: at most 200 characters of ``rule``.
    package static func isComponent(_ text: some StringProtocol) -> Bool {
        guard (1...200).contains(text.utf8.count), let first = text.utf8.first, isAlphanumeric(first) else {
            return false
        }
        return text.utf8.allSatisfy { isAlphanumeric($0) || punctuation.contains($0) } && !text.contains("..")
    }

    /// Whether `text` is the path of a GGUF file inside a repository: components with `/` between them, five at most.
    package static func isFile(_ text: some StringProtocol) -> Bool {
        let components = text.split(separator: "/", omittingEmptySubsequences: false)
        return components.count <= 5 && components.allSatisfy { isComponent($0) } && isGGUF(text)
    }

    /// Whether a name ends as those of GGUF files do.
    package static func isGGUF(_ text: some StringProtocol) -> Bool {
        text.lowercased().hasSuffix(".gguf")
    }

    private static let punctuation = Set("._+-".utf8)

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        let character = Character(UnicodeScalar(byte))
        return byte < 128 && (character.isLetter || character.isNumber)
    }
}
