/// Why it cannot be told who may ask, or why a key cannot be made or revoked.
package struct AccessError: Error, Hashable, Sendable {
    /// What kind of failure. More may come.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// Stable, machine-readable: `no_keys`.
        package let rawValue: String

        /// A code by its stable name.
        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// Other machines could connect, and no key keeps them out.
        package static let noKeys = Code(rawValue: "no_keys")
        /// A file is there and cannot be read, or is not what it should be.
        package static let unreadable = Code(rawValue: "unreadable")
        /// A file cannot be written.
        package static let unwritable = Code(rawValue: "unwritable")
        /// Others could change or read a file that only its owner may.
        package static let permissions = Code(rawValue: "permissions")
        /// A key's name is not one.
        package static let invalidName = Code(rawValue: "invalid_name")
        /// A key of that name is there already.
        package static let duplicate = Code(rawValue: "duplicate")
        /// There is no key of that name.
        package static let unknownName = Code(rawValue: "unknown_name")
        /// A certificate or its private key cannot be used.
        package static let certificate = Code(rawValue: "certificate")
    }

    /// What kind of failure.
    package let code: Code
    /// What happened, where, and what to do, for a person. Never holds a key.
    package let message: String

    /// An error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension AccessError: CustomStringConvertible {
    package var description: String { message }
}
