import ArgumentParser
import Foundation

/// What a command has to say, in each of the ways in which it may be asked.
protocol CommandResult {
    associatedtype JSON: Encodable

    /// For programs. Names are written in snake case.
    var json: JSON { get }

    /// The least that is of use in a script: lines for `--quiet`, perhaps none.
    var quietLines: [String] { get }

    /// For people. Ends with a newline unless it is empty.
    func text(_ style: TextStyle) -> String
}

/// How a command shows its result.
enum OutputFormat {
    case text, json, quiet
}

/// The options of every command that has a result.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print only names, or nothing: the exit status tells.")
    var quiet = false

    func validate() throws {
        guard !(json && quiet) else {
            throw ValidationError("--json and --quiet exclude each other.")
        }
    }

    /// The format that is asked for.
    var format: OutputFormat {
        json ? .json : quiet ? .quiet : .text
    }

    /// Prints a result on stdout.
    func show(_ result: some CommandResult) throws {
        switch format {
        case .text: Console.write(result.text(TextStyle(for: .output)))
        case .json: try Self.showJSON(result.json)
        case .quiet: Console.write(result.quietLines.map { $0 + "\n" }.joined())
        }
    }

    /// Prints a value as one line of JSON on stdout.
    static func showJSONLine(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        Console.write(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
    }

    /// Prints a value as JSON on stdout.
    static func showJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        Console.write(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
    }
}
