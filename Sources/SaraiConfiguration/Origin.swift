/// A place in a text file.
public struct SourceLocation: Hashable, Sendable {
    /// The file's path, as it was given.
    public let file: String
    /// The line, from 1; `nil` when the whole file is meant.
    public let line: Int?
    /// The column, from 1, counted in Unicode scalars; `nil` when the whole line is meant.
    public let column: Int?

    /// A place in a file.
    init(file: String, line: Int? = nil, column: Int? = nil) {
        self.file = file
        self.line = line
        self.column = column
    }
}

extension SourceLocation: CustomStringConvertible {
    /// `examples/sarai.yaml:12:5`, as compilers write it.
    public var description: String {
        ([file] + [line, column].compactMap { $0 }.map(String.init)).joined(separator: ":")
    }
}

/// Where an effective value comes from; in order of precedence.
public indirect enum Origin: Hashable, Sendable {
    /// The command line; the flag's name with its dashes.
    case flag(String)
    /// A variable of the environment.
    case environment(String)
    /// A line of a `.env` file.
    case dotEnv(SourceLocation)
    /// The configuration file, and the origins of the variables that `${…}` drew in.
    case file(SourceLocation, through: [Origin])
    /// Nobody set it.
    case `default`

    /// A place in the configuration file, no variable involved.
    static func file(_ location: SourceLocation) -> Origin {
        .file(location, through: [])
    }

    /// The place in a file, for the origins that are one.
    public var location: SourceLocation? {
        switch self {
        case .dotEnv(let location), .file(let location, _): location
        case .flag, .environment, .default: nil
        }
    }
}

extension Origin: CustomStringConvertible {
    /// The origin in brief: `flag --listen`, `environment MAX_RAM_GB`, `.env:3`, `sarai.yaml:12`, `default`.
    public var description: String {
        switch self {
        case .flag(let name): return "flag \(name)"
        case .environment(let name): return "environment \(name)"
        case .default: return "default"
        case .dotEnv(let location): return Self.brief(location)
        case .file(let location, let variables):
            let list = variables.map(\.description).joined(separator: ", ")
            return Self.brief(location) + (variables.isEmpty ? "" : " (\(list))")
        }
    }

    /// The origin as a message about it begins: `examples/sarai.yaml:12:5`, `environment MAX_RAM_GB`.
    var messagePrefix: String {
        location?.description ?? description
    }

    private static func brief(_ location: SourceLocation) -> String {
        let name = location.file.split(separator: "/").last.map(String.init) ?? location.file
        return SourceLocation(file: name, line: location.line).description
    }
}
