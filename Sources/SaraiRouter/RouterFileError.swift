/// Why a file of the router's weights cannot be used: which file, what is wrong with it and what to do.
package struct RouterFileError: Error, Hashable, Sendable {
    /// The file, the fault and the remedy, for a person.
    package let message: String

    /// What repairs a file with wrong contents.
    static let retrain = "write it again with `make train-router`"

    /// An error.
    ///
    /// - Parameters:
    ///   - file: the file's path or name.
    ///   - fault: what is wrong with it.
    ///   - remedy: what to do about it.
    init(_ file: String, _ fault: String, remedy: String = RouterFileError.retrain) {
        message = "\(file): \(fault); \(remedy)"
    }
}

extension RouterFileError: CustomStringConvertible {
    package var description: String { message }
}
