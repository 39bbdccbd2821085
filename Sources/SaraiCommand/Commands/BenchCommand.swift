import ArgumentParser

/// `sarai bench`: measures what can only be known by trying.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure a running daemon, or how fast models are on this machine.",
        subcommands: [BenchConcurrentCommand.self, BenchLoadModesCommand.self])
}
