import ArgumentParser

/// `sarai bench`: measures a running daemon.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure a running daemon.",
        subcommands: [BenchConcurrentCommand.self])
}
