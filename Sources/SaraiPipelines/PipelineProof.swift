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

    /// A model that a pipeline can do without, and has to.
    package struct Missing: Hashable, Sendable {
        /// The model.
        package let model: ModelName
        /// Why it cannot be there, for a person.
        package let reason: String
    }

    /// The pipeline.
    package let name: String
    /// The models that it needs, then those that it can do without and that are available with them.
    package let models: [ModelName]
    /// The others that it can do without: the steps that ask them fail, and the pipeline goes on.
    package let missing: [Missing]
    /// What the proof came to.
    package let verdict: Verdict

    /// Proves a pipeline.
    ///
    /// - Parameters:
    ///   - pipeline: the pipeline.
    ///   - configuration: its models.
    ///   - planner: plans for that configuration.
    ///   - runs: which steps are meant.
    package init(
        _ pipeline: PipelineConfiguration, _ configuration: Configuration, _ planner: ConfigurationPlanner,
        where runs: (PipelineStep) -> Bool = { _ in true }
    ) {
        name = pipeline.name
        let uses: (needed: [ModelName], optional: [ModelName])
        do throws(PoolError) {
            uses = try pipeline.uses(in: configuration, where: runs)
        } catch {
            (models, missing, verdict) = ([], [], .incomplete(error.message))
            return
        }
        let trial = Trial(pipeline, configuration, planner)
        var models = uses.needed
        var missing: [Missing] = []
        do throws(PoolError) {
            var size = try trial.size(of: models)
            // One after the other: what can be there is not given up for what cannot.
            for model in uses.optional {
                do throws(PoolError) {
                    size = try trial.size(of: models + [model])
                    models.append(model)
                } catch {
                    missing.append(Missing(model: model, reason: error.message))
                }
            }
            verdict = .available(size)
        } catch {
            verdict = .tooLarge(error.message)
        }
        (self.models, self.missing) = (models, missing)
    }
}

extension PipelineProof {
    /// What a person should know who has configured the pipeline, a sentence each; nothing where all is well.
    package var warnings: [String] {
        let without = missing.map { "pipeline '\(name)' does without \($0.model): \($0.reason)" }
        guard case .tooLarge(let reason) = verdict else {
            return without
        }
        return ["pipeline '\(name)' is refused: \(reason)"] + without
    }
}

/// Tries models of a pipeline together, in plans.
private struct Trial {
    private let configuration: Configuration
    private let planner: ConfigurationPlanner
    /// The model that turns the pipeline's sounds into text.
    private let hearing: ModelName?

    init(_ pipeline: PipelineConfiguration, _ configuration: Configuration, _ planner: ConfigurationPlanner) {
        self.configuration = configuration
        self.planner = planner
        hearing = pipeline.steps.contains { $0.action == .transcribe } ? configuration.transcriber?.name : nil
    }

    /// What some models take of this machine's memory together.
    ///
    /// - Throws: ``SaraiCore/PoolError`` with what prevents that all of them are there.
    func size(of models: [ModelName]) throws(PoolError) -> MemorySize {
        var plan = planner.plan(only: Set(models))
        // What is never unloaded takes memory from the pipeline, but only if it can be loaded.
        let unreadable = plan.lines.filter { line in
            if case .impossible = line.placement { !models.contains(line.name) || isOnServer(line.name) } else { false }
        }
        if !unreadable.isEmpty {
            plan = planner.plan(only: Set(models), without: Set(unreadable.map(\.name)))
        }
        for line in plan.lines where models.contains(line.name) && !isOnServer(line.name) {
            switch line.placement {
            case .remote, .resident: break
            case .impossible(let reason): throw PoolError(.poolFull, "\(line.name) cannot be loaded: \(reason)")
            case .leftOut(let reason):
                throw PoolError(.poolFull, "\(line.name) cannot be loaded beside the other models: \(reason)")
            }
        }
        guard !plan.fits else {
            return plan.total.resident
        }
        let all = models.map(\.rawValue).joined(separator: ", ")
        let residents = plan.lines.filter { $0.placement == .resident && !models.contains($0.name) }
        let names = residents.map(\.name.rawValue).joined(separator: ", ")
        let beside = residents.isEmpty ? "" : " (with \(names), never unloaded)"
        let total = plan.total.resident + plan.reserve
        // All can be loaded, so it is the memory that does not suffice, or their number is too large.
        throw PoolError(
            .poolFull,
            total > plan.ceiling
                ? "\(all) take \(total) together\(beside), and there are \(plan.ceiling)"
                : "\(all) are more text models than memory.max_concurrent_llms allows\(beside)")
    }

    /// Whether a model is available without its copy here: a server has it that can do what is asked of it.
    private func isOnServer(_ name: ModelName) -> Bool {
        let model = configuration.models.first { $0.name == name }
        return model?.targets.contains { target in
            !target.id.kind.isLocal && (name != hearing || target.id.kind.hasTranscriptions)
        } ?? false
    }
}
