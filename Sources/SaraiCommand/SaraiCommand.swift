import ArgumentParser
import Sarai

/// The command line.
@main
struct SaraiCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sarai",
        abstract: "Keeps every model you need available at once, inside one memory budget.",
        version: SaraiVersion.current,
        subcommands: [ServeCommand.self])
}
