/// Why memory could not be measured.
package struct MeasurementError: Error, Hashable, Sendable {
    /// What kind of failure. More may come.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// Stable, machine-readable: `process_gone`.
        package let rawValue: String

        /// A code by its stable name.
        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// There is no such process any more.
        package static let processGone = Code(rawValue: "process_gone")
        /// The process belongs to someone else.
        package static let notPermitted = Code(rawValue: "not_permitted")
        /// The operating system does not publish the figure, or it could not be read.
        package static let unavailable = Code(rawValue: "unavailable")
        /// What was read is not in the documented form.
        package static let malformed = Code(rawValue: "malformed")
    }

    /// What kind of failure.
    package let code: Code
    /// What was measured and what went wrong.
    package let message: String
    /// The operating system's words, where it refused.
    package let cause: String?

    /// An error.
    package init(_ code: Code, _ message: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }
}

extension MeasurementError: CustomStringConvertible {
    package var description: String { message }
}
