package import SaraiConfiguration
package import SaraiPool

/// The plan that was asked for, and those that it is compared with.
package struct PlanComparison {
    /// What was asked for.
    package let chosen: ConfigurationPlan
    /// Every scenario, that one included, from the most memory to the least that it usually takes.
    package let all: [ConfigurationPlan]
    /// Whether each pipeline's models are available together.
    package let pipelines: [PipelineProof]

    /// Makes all plans. The engine is asked about the chosen one, and what it says counts for the others too; beyond that
    /// their headers tell.
    ///
    /// - Parameters:
    ///   - configuration: what is planned.
    ///   - scenario: which plan is asked for.
    ///   - planner: plans for that configuration. What it finds out is kept only if its footprints are saved.
    /// - Throws: when it is cancelled.
    package init(
        _ configuration: Configuration, _ scenario: PlanScenario, planner: ConfigurationPlanner
    ) async throws(CancellationError) {
        let chosen = ConfigurationPlan(configuration, scenario, memory: try await planner.exactPlan(scenario))
        let order: [PlanScenario] = [.engineDefaults, .allLocal, .hybrid, .configured]
        self.chosen = chosen
        pipelines = configuration.pipelines.map { PipelineProof($0, configuration, planner) }
        all = order.map { other in
            other == scenario ? chosen : ConfigurationPlan(configuration, other, memory: planner.plan(other))
        }
    }
}
