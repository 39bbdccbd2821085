import ArgumentParser
import Foundation
import SaraiAccess

/// `sarai keys add`: makes a key, and shows it this once.
struct KeysAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Make a key, and show it this once.",
        discussion: "The key is all that stdout gets: KEY=$(sarai keys add laptop).")

    @Argument(help: "Whose key it is, such as 'laptop'.")
    var name: String

    @Flag(help: "Keep the key for this user's own command line too, in a file that only you can read.")
    var save = false

    @OptionGroup var source: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let file = try KeysCommand.file(source)
        let key = APIKey()
        let isFirst = try file.update { (ring) throws(AccessError) -> Bool in
            try ring.add(key, name: name, at: Date())
            return ring.entries.count == 1
        }
        if save {
            try ClientKey.file.write(key)
        }
        try output.show(
            AddedKey(
                json: .init(name: name, key: key.text, file: file.path, savedIn: save ? ClientKey.file.path : nil)))
        guard output.format == .text else {
            return
        }
        Console.note("This is shown once: only its SHA-256 is kept, in \(file.path).")
        if isFirst {
            Console.note(
                "It is the first key: from now on a daemon asks every client for one, on this machine too. This command "
                    + "line sends the key of \(ClientKey.variable), or the one that 'sarai keys add NAME --save' keeps."
            )
        }
    }
}

/// A key that was made.
private struct AddedKey: CommandResult {
    struct JSON: Encodable {
        let name: String
        let key: String
        let file: String
        let savedIn: String?
    }

    let json: JSON

    var quietLines: [String] { [json.key] }

    func text(_ style: TextStyle) -> String {
        json.key + "\n"
    }
}
