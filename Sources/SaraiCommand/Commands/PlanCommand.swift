import ArgumentParser
import SaraiConfiguration

/// `sarai plan`: whether everything fits, before anything is loaded.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show whether all models fit into the memory budget together.",
        discussion: """
            Reads the headers of the models' files; loads nothing and needs no daemon. The copy that stands in for a \
            server's model counts, unless the model is 'best_effort'. The exit status is 1 when something does not fit or \
            a file cannot be used.
            """)

    @OptionGroup var source: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let plan = ConfigurationPlan(try source.load().configuration)
        try output.show(PlanReport(plan))
        guard plan.isSound else {
            throw CommandFailure()
        }
    }
}
