import ArgumentParser

/// The command line of the test tools.
@main
struct SaraiChaosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sarai-chaos",
        abstract: "Faults on demand, for tests: a proxy that breaks connections, a model server that is mocked.",
        discussion: """
            Both print one line of JSON when they listen, and end on SIGTERM and SIGINT. docs/chaos.md has the faults.
            """,
        subcommands: [ProxyCommand.self, MockCommand.self])
}
