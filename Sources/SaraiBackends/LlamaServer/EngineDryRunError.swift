/// The engine did not say what a model would take.
package struct EngineDryRunError: Error, Hashable, Sendable {
    /// Why not.
    package enum Code: Hashable, Sendable {
        /// It could not be started.
        case notStarted
        /// It found fault with the model or with the settings.
        case refused
        /// It knows no such report: another build than those that Sarai knows.
        case unsupported
        /// It took longer than it may.
        case timedOut
    }

    /// Why not.
    package let code: Code
    /// What happened, for a person.
    package let message: String

    /// An error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension EngineDryRunError: CustomStringConvertible {
    package var description: String { message }
}
