import SaraiBackends
import SaraiConfiguration
import SaraiPipelines
import SaraiPool

/// The plan that was asked for, and those that it is compared with.
struct PlanComparison {
    /// What was asked for.
    let chosen: ConfigurationPlan
    /// Every scenario, that one included, from the most memory to the least that it usually takes.
    let all: [ConfigurationPlan]
    /// Whether each pipeline's models are available together.
    let pipelines: [PipelineProof]

    /// Makes all plans. The engine is asked about the chosen one, and what it says counts for the others too; beyond that
    /// their headers tell.
    init(_ configuration: Configuration, _ scenario: PlanScenario) async throws {
        let planner = ConfigurationPlanner.current(
            configuration, engine: try? EngineLocator.locate(for: configuration))
        let chosen = ConfigurationPlan(configuration, scenario, memory: try await planner.exactPlan(scenario))
        // Only for the next time: where nothing can be kept, the engine is asked again.
        try? planner.footprints.save()
        let order: [PlanScenario] = [.engineDefaults, .allLocal, .hybrid, .configured]
        self.chosen = chosen
        pipelines = configuration.pipelines.map { PipelineProof($0, configuration, planner) }
        all = order.map { other in
            other == scenario ? chosen : ConfigurationPlan(configuration, other, memory: planner.plan(other))
        }
    }
}
