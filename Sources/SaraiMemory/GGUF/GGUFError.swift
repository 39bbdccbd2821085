/// What is wrong with a GGUF file: names the file, the field and the place.
package struct GGUFError: Error, Hashable, Sendable {
    /// What kind of fault. More may come.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// Stable, machine-readable: `truncated`.
        package let rawValue: String

        /// A code by its stable name.
        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The file cannot be opened or read.
        package static let unreadable = Code(rawValue: "unreadable")
        /// The file is something else.
        package static let notGGUF = Code(rawValue: "not_gguf")
        /// A version of the format, a byte order or a tensor type that cannot be read.
        package static let unsupported = Code(rawValue: "unsupported")
        /// The file ends before what it announces.
        package static let truncated = Code(rawValue: "truncated")
        /// The bytes at hand end before the header does, but the file goes on: read ``GGUFError/neededBytes`` and parse again.
        package static let incomplete = Code(rawValue: "incomplete")
        /// A count or a length is beyond what any real model has.
        package static let limitExceeded = Code(rawValue: "limit_exceeded")
        /// A value that contradicts the format.
        package static let malformed = Code(rawValue: "malformed")
    }

    /// What kind of fault.
    package let code: Code
    /// The file, the field, what is wrong with it and where.
    package let message: String
    /// Of ``Code/incomplete``: bytes from the start of the file that the next attempt must have at least.
    package let neededBytes: Int?
    /// The operating system's words, where it refused.
    package let cause: String?

    /// An error.
    package init(_ code: Code, _ message: String, neededBytes: Int? = nil, cause: String? = nil) {
        self.code = code
        self.message = message
        self.neededBytes = neededBytes
        self.cause = cause
    }
}

extension GGUFError: CustomStringConvertible {
    package var description: String { message }
}
