import ArgumentParser
import SaraiConfiguration

/// `sarai bench load-modes`: how fast the models of this machine are, mapped and repacked.
struct BenchLoadModesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load-modes",
        abstract: "Measure which load mode is faster for each model on this machine, for plans to choose by.",
        discussion: """
            Runs each text model with a file here alone, with its weights mapped and with its weights repacked, in turns; \
            needs no daemon. The medians are kept: from then on 'sarai plan' and the daemon choose the mode that is \
            clearly faster, where it fits and 'load_mode' is 'auto'. Stop the daemon and other work first, for whatever \
            runs besides distorts the figures. The exit status is 1 when a model cannot be measured.
            """)

    @Argument(help: ArgumentHelp("Models of the configuration (default: all).", valueName: "model"))
    var models: [String] = []

    @OptionGroup var source: ConfigurationOptions

    @Option(help: ArgumentHelp("How often each mode is measured.", valueName: "n"))
    var rounds = 3

    @Option(help: ArgumentHelp("Tokens to generate each time.", valueName: "n"))
    var tokens = 64

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard 1...99 ~= rounds else {
            throw ValidationError("--rounds must be from 1 to 99.")
        }
        guard 8...4096 ~= tokens else {
            throw ValidationError("--tokens must be from 8 to 4096.")
        }
    }

    func run() async throws {
        let bench = try LoadModeBench(source.load().configuration, names: models, rounds: rounds, tokens: tokens)
        let report = try await bench.run()
        try output.show(report)
        guard report.isComplete else {
            throw CommandFailure()
        }
    }
}
