import ArgumentParser
import SaraiBackends
import SaraiConfiguration
import SaraiPipelines
import SaraiPool

/// `sarai plan`: whether everything fits, before anything is loaded.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show whether all models fit into the memory budget together.",
        discussion: """
            Reads the headers of the models' files and asks the engine what it would allocate; loads nothing and needs no \
            daemon. The copy that stands in for a server's model counts, unless the model is 'best_effort'. What does not fit \
            is made smaller as far as the configuration allows; every choice has a reason. The exit status is 1 when \
            something does not fit or a file cannot be used.
            """)

    @OptionGroup var source: ConfigurationOptions
    @OptionGroup(title: "A file that is not configured") var file: FilePlanOptions
    @OptionGroup var output: OutputOptions

    @Option(
        help: ArgumentHelp(
            "What to plan: \(PlanScenario.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "name"))
    var scenario = PlanScenario.configured

    @Flag(help: "Show the reason of every choice, and every way out.")
    var explain = false

    func run() async throws {
        if let files = try await FilePlanFiles.read(file, source) {
            return try run(FilePlan(file, files))
        }
        let configuration = try source.load().configuration
        let planner = ConfigurationPlanner.current(
            configuration, engine: try? EngineLocator.locate(for: configuration))
        let plans = try await PlanComparison(configuration, scenario, planner: planner)
        // Only for the next time: where nothing can be kept, the engine is asked again.
        try? planner.footprints.save()
        try output.show(PlanReport(plans, explainsAll: explain))
        guard plans.chosen.isSound else {
            throw CommandFailure()
        }
    }

    private func run(_ plan: FilePlan) throws {
        try output.show(FilePlanReport(plan))
        guard plan.fits != false else {
            throw CommandFailure()
        }
    }
}

extension PlanScenario: ExpressibleByArgument {}
