/// Everything that is wrong with a configuration, found in one go.
public struct ConfigurationError: Error, Hashable, Sendable {
    /// What is wrong, in the order of the file. Never empty.
    public let problems: [Problem]

    /// An error of several problems.
    init(_ problems: [Problem]) {
        self.problems = problems
    }

    /// An error about a whole file.
    init(_ code: Problem.Code, file: String, _ message: String) {
        problems = [Problem(code, at: .file(SourceLocation(file: file)), keyPath: "", message)]
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// The problems, a line each.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

/// One thing that is wrong with a configuration, or that deserves a warning.
public struct Problem: Hashable, Sendable {
    /// What kind of problem. More may come.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// Stable, machine-readable: `unknown_key`.
        public let rawValue: String

        /// A code by its stable name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// There is no configuration file where one was looked for.
        public static let fileMissing = Code(rawValue: "file_missing")
        /// A file is there and cannot be read as text.
        public static let fileUnreadable = Code(rawValue: "file_unreadable")
        /// A file is larger than a configuration can sensibly be.
        public static let fileTooLarge = Code(rawValue: "file_too_large")
        /// The file is not YAML.
        public static let yamlSyntax = Code(rawValue: "yaml_syntax")
        /// A line of a `.env` file is not an assignment.
        public static let dotEnvSyntax = Code(rawValue: "dotenv_syntax")
        /// A key, a model or a server is there twice.
        public static let duplicate = Code(rawValue: "duplicate")
        /// A key that does not exist.
        public static let unknownKey = Code(rawValue: "unknown_key")
        /// A key that must be there and is not.
        public static let missingKey = Code(rawValue: "missing_key")
        /// A value of another type: a list where a number is expected.
        public static let wrongType = Code(rawValue: "wrong_type")
        /// A value of the right type that makes no sense.
        public static let invalidValue = Code(rawValue: "invalid_value")
        /// A number outside its range.
        public static let outOfRange = Code(rawValue: "out_of_range")
        /// Values that contradict each other.
        public static let conflict = Code(rawValue: "conflict")
        /// `${…}` that is malformed, or names a variable that is not set.
        public static let variable = Code(rawValue: "variable")
        /// A warning: a value that has no effect here.
        public static let noEffect = Code(rawValue: "no_effect")
        /// A warning: a secret that stands in the file itself.
        public static let secretInFile = Code(rawValue: "secret_in_file")
        /// Something that others could read or change on its way.
        public static let unprotected = Code(rawValue: "unprotected")
    }

    /// What kind of problem.
    public let code: Code
    /// The key concerned, such as `models.solar.context_length`; empty when none is.
    public let keyPath: String
    /// Where the value at fault comes from.
    public let origin: Origin
    /// What is wrong and what to do, for a person.
    public let message: String

    /// A problem.
    init(_ code: Code, at origin: Origin, keyPath: String, _ message: String) {
        self.code = code
        self.keyPath = keyPath
        self.origin = origin
        self.message = message
    }
}

extension Problem: CustomStringConvertible {
    /// `examples/x.yaml:12:5: models.solar.servrs: unknown key. Did you mean 'servers'?`
    public var description: String {
        [origin.messagePrefix, keyPath, message].filter { !$0.isEmpty }.joined(separator: ": ")
    }
}

/// What a parser has against a value; whoever knows the value's place makes a ``Problem`` of it.
struct Complaint: Error {
    /// What kind of problem.
    let code: Problem.Code
    /// What is wrong and what to do.
    let message: String

    /// A complaint.
    init(_ code: Problem.Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
