import ArgumentParser
import Sarai
import SaraiConfiguration
import SaraiCore

/// `sarai bench concurrent`: shows that all models answer at the same time, inside the budget.
struct BenchConcurrentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "concurrent",
        abstract: "Load every model, ask all of them at the same time, and check memory against the budget.",
        discussion: """
            Models of role 'omni' are shown a picture; embedding models get the prompt to embed. The same requests are \
            also made one after another, to tell what asking at the same time gains or costs. The exit status is 1 when \
            a model does not load, does not answer or does not stay loaded, or when memory exceeds the budget.
            """)

    @Option(
        help: ArgumentHelp(
            "Ask the daemon of this configuration, and insist on all of its models.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("What to ask the models.", valueName: "text"))
    var prompt = "Explain in a few sentences why the sky is blue."

    @Option(help: ArgumentHelp("Tokens of each answer, at most.", valueName: "n"))
    var maxTokens = 64

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard maxTokens > 0 else {
            throw ValidationError("--max-tokens must be at least 1.")
        }
    }

    func run() async throws {
        let expected = try config.map { try PoolScope.load(path: $0).configuration }
        let address =
            try client.namedAddress() ?? expected.map { DaemonAddress($0.server.listen, tls: $0.server.tls) }
            ?? .standard
        try await DaemonClient.connect(to: address) { client in
            let bench = ConcurrentBench(
                client: client, prompt: prompt, maxTokens: maxTokens,
                expectedModels: expected?.models.map(\.name.rawValue) ?? [])
            let report = try await bench.run()
            try output.show(report)
            guard report.problems.isEmpty else {
                throw CommandFailure()
            }
        }
    }
}
