package import SaraiConfiguration
package import SaraiCore
import SaraiMemory
package import SaraiPool

/// Whether all models of a pipeline are available together, proved by the memory plan before anything is loaded.
package struct PipelineProof: Hashable, Sendable {
    /// What the proof came to.
    package enum Verdict: Hashable, Sendable {
        /// They are; together they take so much of this machine's memory at most.
        case available(MemorySize)
        /// The configuration lacks something that the pipeline needs; what, and what to do.
        case incomplete(String)
        /// They do not fit; by how much, for a person.
        case tooLarge(String)
    }

    /// The pipeline.
    package let name: String
    /// The models that it needs, then those that it can do without.
    package let models: [ModelName]
    /// What the proof came to.
    package let verdict: Verdict

    /// Proves a pipeline.
    ///
    /// - Parameters:
    ///   - pipeline: the pipeline.
    ///   - configuration: its models.
    ///   - planner: plans for that configuration.
    package init(_ pipeline: PipelineConfiguration, _ configuration: Configuration, _ planner: ConfigurationPlanner) {
        name = pipeline.name
        let uses: (needed: [ModelName], optional: [ModelName])
        do throws(PoolError) {
            uses = try pipeline.uses(in: configuration)
        } catch {
            models = []
            verdict = .incomplete(error.message)
            return
        }
        let models = uses.needed + uses.optional
        self.models = models
        let hearing = pipeline.steps.contains { $0.action == .transcribe } ? configuration.transcriber?.name : nil
        // A model that a server has is available without its copy, if that server can do what is asked of it.
        func isOnServer(_ name: ModelName) -> Bool {
            let model = configuration.models.first { $0.name == name }
            return model?.targets.contains { target in
                !target.id.kind.isLocal && (name != hearing || target.id.kind.hasTranscriptions)
            } ?? false
        }
        var plan = planner.plan(only: Set(models))
        let unreadable = plan.lines.filter { if case .impossible = $0.placement { isOnServer($0.name) } else { false } }
        if !unreadable.isEmpty {
            plan = planner.plan(only: Set(models).subtracting(unreadable.map(\.name)))
        }
        let missing = plan.lines.filter { line in
            switch line.placement {
            case .remote, .resident: false
            case .leftOut, .impossible: models.contains(line.name) && !isOnServer(line.name)
            }
        }
        let names = models.map(\.rawValue).joined(separator: ", ")
        let total = plan.total.resident + plan.reserve
        if !missing.isEmpty {
            verdict = .tooLarge(
                "\(missing.map(\.name.rawValue).joined(separator: ", ")) cannot be loaded beside \(names)")
        } else if plan.fits {
            verdict = .available(plan.total.resident)
        } else if total > plan.ceiling {
            verdict = .tooLarge("\(names) take \(total) together, and there are \(plan.ceiling)")
        } else {
            verdict = .tooLarge("\(names) are more text models than memory.max_concurrent_llms allows")
        }
    }
}
