/// A configuration and all that loading it brought to light.
package struct LoadedConfiguration: Sendable {
    /// The path of the configuration file, as it was given.
    package let file: String
    /// The validated configuration.
    package let configuration: Configuration
    /// What works and is probably not meant.
    package let warnings: [Problem]
    /// Files that the configuration names and that are not there. Not an error: a download may bring them.
    package let missingFiles: [MissingFile]
    /// Every value in effect and where it comes from, in the order of the reference page; secrets are masked.
    package let origins: [EffectiveValue]
}

/// A file that the configuration names and that is not there.
package struct MissingFile: Hashable, Sendable {
    /// The key that names it: `models.solar.gguf`.
    package let keyPath: String
    /// The absolute path where it is expected.
    package let path: String
    /// Where the value comes from.
    package let origin: Origin
}

/// A value in effect.
package struct EffectiveValue: Hashable, Sendable {
    /// The key: `memory.max_ram_gb`.
    package let keyPath: String
    /// The value as the configuration file would say it; secrets are masked.
    package let value: String
    /// Where the value comes from.
    package let origin: Origin
}

/// What a load gathers on its way.
struct Findings {
    var problems: [Problem] = []
    var warnings: [Problem] = []
    var missingFiles: [MissingFile] = []
    var origins: [EffectiveValue] = []
    /// Names of the variables that some `${…}` has drawn in.
    var expandedVariables: Set<String> = []

    /// Adds an error.
    mutating func report(_ code: Problem.Code, at origin: Origin, _ keyPath: String, _ message: String) {
        problems.append(Problem(code, at: origin, keyPath: keyPath, message))
    }

    /// Adds a warning.
    mutating func warn(_ code: Problem.Code, at origin: Origin, _ keyPath: String, _ message: String) {
        warnings.append(Problem(code, at: origin, keyPath: keyPath, message))
    }

    /// The problems or warnings in the order in which a person meets them: the command line and the environment, then
    /// file by file from top to bottom.
    static func inOrder(_ problems: [Problem]) -> [Problem] {
        func rank(_ item: (offset: Int, element: Problem)) -> (String, Int, Int, Int) {
            let location = item.element.origin.location
            return (location?.file ?? "", location?.line ?? 0, location?.column ?? 0, item.offset)
        }
        return problems.enumerated().sorted { rank($0) < rank($1) }.map(\.element)
    }
}
