import ArgumentParser
import SaraiConfiguration
import SaraiCore
import SaraiHub

/// `sarai rm`: removes files of models.
struct RmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove model files.",
        discussion: """
            Takes names as 'sarai models' lists them. Of a model in several files all are removed, and what an incomplete \
            download of it has brought. A file that the configuration uses is kept, unless --force says otherwise.
            """)

    @Argument(help: ArgumentHelp("Files below the data folder's models/.", valueName: "file"))
    var files: [String]

    @Flag(help: "Ask nothing.")
    var yes = false

    @Flag(help: "Remove also what the configuration uses.")
    var force = false

    @OptionGroup var source: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let settings = try PullSettings(source)
        do {
            var paths: [String] = []
            for file in files {
                let found = try settings.folder.files(of: file)
                let users = settings.models.users(of: found)
                guard users.isEmpty || force else {
                    throw HubError(
                        .refused,
                        """
                        \(file) is used by \(users.map(\.rawValue).joined(separator: ", ")); take it out of the \
                        configuration first, or say --force
                        """)
                }
                paths += found
            }
            guard try isMeant() else {
                throw CommandFailure(.failed, "nothing was removed.")
            }
            try output.show(RemovalReport(names: files, freed: try settings.folder.remove(paths)))
        } catch let error as HubError {
            throw CommandFailure(error)
        }
    }

    /// Whether it shall be done: asks a person, and nobody else.
    private func isMeant() throws -> Bool {
        guard !yes else {
            return true
        }
        guard Console.isTerminal(.input) else {
            throw CommandFailure(.usage, "nobody is there to be asked: say --yes.")
        }
        Console.prompt("Remove \(files.joined(separator: ", "))? [y/N] ")
        return ["y", "yes"].contains(readLine()?.lowercased())
    }
}

private struct RemovalReport: CommandResult {
    struct JSON: Encodable {
        let removed: [String]
        let freedBytes: Int
    }

    let names: [String]
    let freed: Int

    var json: JSON { JSON(removed: names, freedBytes: freed) }
    var quietLines: [String] { [] }

    func text(_ style: TextStyle) -> String {
        "Removed \(names.joined(separator: ", ")): \(MemorySize(bytes: freed)) are free again.\n"
    }
}
