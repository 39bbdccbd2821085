package import SaraiBackends

/// Why a model could not be fetched, found or removed.
package struct HubError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure. More may come.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// Stable, machine-readable: `not_found`.
        package let rawValue: String

        /// A code by its stable name.
        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The hub has no such repository, or the repository no such file.
        package static let notFound = Code(rawValue: "not_found")
        /// The server wants a token, or does not let this one in.
        package static let forbidden = Code(rawValue: "forbidden")
        /// What was asked for is not possible, or not allowed here.
        package static let refused = Code(rawValue: "refused")
        /// The server cannot be reached, fails, or breaks off again and again. What has arrived is kept.
        package static let unavailable = Code(rawValue: "unavailable")
        /// What arrived is not what it should be.
        package static let corrupt = Code(rawValue: "corrupt")
        /// The disk is full, or a file or folder cannot be written.
        package static let disk = Code(rawValue: "disk")
        /// Another process is at it.
        package static let busy = Code(rawValue: "busy")
    }

    /// What kind of failure.
    package let code: Code
    /// What happened, where, and what to do.
    package let description: String

    /// An error.
    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// The error that one of a server stands for.
    package init(_ error: BackendError) {
        let code: Code =
            switch error.code {
            case .modelMissing: .notFound
            case .rejected(401), .rejected(403), .rejected(407): .forbidden
            case .unsupported, .rejected: .refused
            case .malformedAnswer: .corrupt
            default: .unavailable
            }
        self.init(code, error.message)
    }
}
