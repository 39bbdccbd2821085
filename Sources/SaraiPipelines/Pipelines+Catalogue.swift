package import SaraiConfiguration
package import SaraiCore
import SaraiPool

/// What there is to choose from.
extension Pipelines {
    /// All names that clients may write for a model: the configuration's models, then the pipelines that can run.
    package var names: [ModelName] {
        let configuration = pool.configuration
        return configuration.models.map(\.name)
            + configuration.runnablePipelines.compactMap { PipelineName($0).modelName }
    }

    /// Refuses a name that is neither a model's nor a pipeline's.
    ///
    /// - Throws: ``SaraiCore/PoolError``.
    package func requireKnown(_ model: ModelName) throws {
        guard let name = PipelineName(model) else {
            return try pool.requireKnown(model)
        }
        if name.rawValue != PipelineName.auto {
            _ = try pool.configuration.pipeline(name)
        }
    }

    /// Refuses a pipeline, where a model must be meant.
    ///
    /// - Throws: ``SaraiCore/PoolError``.
    package func requireModel(_ name: ModelName) throws {
        guard PipelineName(name) != nil else {
            return
        }
        try requireKnown(name)
        let configuration = pool.configuration
        let models = (try? pipeline(name)?.uses(in: configuration).needed) ?? []
        let names = models.isEmpty ? "" : ": " + models.map(\.rawValue).joined(separator: ", ")
        throw PoolError(
            .unsupported, "'\(name)' is a pipeline, and others use its models too. Name the model that you mean\(names)"
        )
    }

    /// The pipeline of a name; `nil` for a model, and for `auto`, which is none of its own.
    package func pipeline(_ model: ModelName) -> PipelineConfiguration? {
        PipelineName(model).flatMap { name in pool.configuration.pipelines.first { $0.name == name.rawValue } }
    }

    /// Whether the models of each pipeline are available together.
    package func prove() -> [PipelineProof] {
        let configuration = pool.configuration
        return configuration.pipelines.map { PipelineProof($0, configuration, pool.planner) }
    }
}

extension Configuration {
    /// The names of the pipelines whose models it has, and before them that of the choice, where some model writes text.
    var runnablePipelines: [String] {
        let writers: Set<ModelConfiguration.Role> = [.expert, .small, .general, .omni]
        let names = pipelines.filter { (try? $0.uses(in: self)) != nil }.map(\.name)
        return (models.contains { writers.contains($0.role) } ? [PipelineName.auto] : []) + names
    }
}
