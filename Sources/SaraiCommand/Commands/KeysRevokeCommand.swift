import ArgumentParser
import SaraiAccess

/// `sarai keys revoke`: a key lets nobody in any more.
struct KeysRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Let nobody in with a key any more.",
        discussion: "Running daemons refuse it from the next request on; answers that are under way go on.")

    @Argument(help: "Whose key it is.")
    var name: String

    @OptionGroup var source: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let file = try KeysCommand.file(source)
        let (entry, left) = try file.update { (ring) throws(AccessError) -> (APIKeyRing.Entry, Int) in
            (try ring.revoke(name), ring.entries.count)
        }
        let wasSaved = ClientKey.file.remove(ifOf: entry)
        try output.show(
            RevokedKey(
                json: .init(name: name, left: left, file: file.path, removed: wasSaved ? ClientKey.file.path : nil)))
    }
}

/// A key that was revoked.
private struct RevokedKey: CommandResult {
    struct JSON: Encodable {
        let name: String
        let left: Int
        let file: String
        let removed: String?
    }

    let json: JSON

    var quietLines: [String] { [] }

    func text(_ style: TextStyle) -> String {
        let saved = json.removed.map { "It was this command line's own; \($0) is removed.\n" } ?? ""
        let last =
            json.left > 0
            ? ""
            : "No key is left. A daemon that has asked for keys goes on asking until it is restarted; after that, one on "
                + "a loopback address lets every program of this machine in, and any other does not start.\n"
        return "\(style(json.name, .strong)) is revoked\n" + saved + last
    }
}
