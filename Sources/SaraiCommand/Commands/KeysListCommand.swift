import ArgumentParser
import Foundation
import SaraiAccess

/// `sarai keys list`: whose keys there are.
struct KeysListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show whose keys there are; the keys themselves nobody knows.")

    @OptionGroup var source: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let file = try KeysCommand.file(source)
        let keys = try file.read().entries.map { entry in
            KnownKeys.Key(name: entry.name, created: entry.created.formatted(.iso8601), ending: entry.ending)
        }
        try output.show(KnownKeys(json: .init(file: file.path, keys: keys)))
    }
}

/// The keys of a file.
private struct KnownKeys: CommandResult {
    struct JSON: Encodable {
        let file: String
        let keys: [Key]
    }

    struct Key: Encodable {
        let name: String
        let created: String
        let ending: String
    }

    let json: JSON

    var quietLines: [String] { json.keys.map(\.name) }

    func text(_ style: TextStyle) -> String {
        guard !json.keys.isEmpty else {
            return "no keys in \(json.file); 'sarai keys add NAME' makes one\n"
        }
        var table = TextTable([.text("NAME"), .text("CREATED"), .text("ENDS IN")])
        for key in json.keys {
            table.add([.init(key.name, .strong), .init(key.created), .init("…\(key.ending)", .faint)])
        }
        return table.text(style)
    }
}
