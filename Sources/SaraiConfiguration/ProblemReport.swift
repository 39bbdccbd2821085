/// A problem of a configuration as programs are told of it, in JSON.
package struct ProblemReport: Codable, Hashable, Sendable {
    /// What kind of problem: `unknown_key`.
    package let code: String
    /// The key concerned; empty when none is.
    package let key: String
    /// Where it stands; `nil` where no file is at fault.
    package let file: String?
    /// The line, from 1.
    package let line: Int?
    /// The column, from 1.
    package let column: Int?
    /// What is wrong and what to do, for a person.
    package let message: String

    /// Tells of a problem.
    package init(_ problem: Problem) {
        let location = problem.origin.location
        code = problem.code.rawValue
        key = problem.keyPath
        file = location?.file
        line = location?.line
        column = location?.column
        message = problem.message
    }
}
