/// Why bytes are not a JSON document.
public struct JSONParsingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, for a person.
    public let message: String
    /// Where, in bytes from the beginning.
    public let offset: Int

    public var description: String { "\(message) at byte \(offset)" }
}
