public import SaraiCore

extension Configuration {
    /// The model that a reference means; `nil` if there is none.
    public func model(_ reference: ModelReference) -> ModelConfiguration? {
        switch reference {
        case .name(let name): models.first { $0.name == name }
        case .role(let role): models.first { $0.role == role }
        }
    }

    /// The model that turns speech into text: one made for it, else one that hears as well.
    public var transcriber: ModelConfiguration? {
        model(.role(.speech)) ?? models.first { $0.role == .omni }
    }

    /// The model whose vectors the router works on.
    public var routerEmbedding: ModelConfiguration? {
        model(router.embedding.map(ModelReference.name) ?? .role(.embedding))
    }

    /// What is wrong, and what to do, where there is no ``transcriber``.
    public static let noTranscriber =
        "no configured model hears. Add one with 'role: speech', 'backend: whisper_native'; 'sarai setup speech' installs one "
        + "(docs/pipelines.md)"
}

extension ModelReference: CustomStringConvertible {
    public var description: String {
        switch self {
        case .name(let name): "model '\(name)'"
        case .role(let role): "model with 'role: \(role.rawValue)'"
        }
    }
}

extension PipelineConfiguration {
    /// The models that it needs, and those that it can do without, each once.
    ///
    /// - Parameters:
    ///   - configuration: the models that there are.
    ///   - runs: which steps are meant.
    /// - Returns: both, in the order of the steps.
    /// - Throws: ``SaraiCore/PoolError`` if it needs one that there is not.
    public func uses(
        in configuration: Configuration, where runs: (PipelineStep) -> Bool = { _ in true }
    ) throws(PoolError) -> (needed: [ModelName], optional: [ModelName]) {
        var needed: [ModelName] = [], optional: [ModelName] = []
        for step in steps where runs(step) {
            if step.condition == .webQuery, configuration.search.url != nil,
                let embedding = configuration.routerEmbedding
            {
                optional.append(embedding.name)
            }
            let model: ModelConfiguration?
            let objection: String
            switch step.action {
            case .generate(let generation):
                model = configuration.model(generation.model)
                objection = "the configuration has no \(generation.model)"
            case .transcribe:
                model = configuration.transcriber
                objection = Configuration.noTranscriber
            case .search:
                continue
            }
            if let model {
                if step.isOptional {
                    optional.append(model.name)
                } else {
                    needed.append(model.name)
                }
            } else if !step.isOptional {
                throw PoolError(.unsupported, "pipeline '\(name)', step '\(step.name)': \(objection)")
            }
        }
        return (needed.unique, optional.unique.filter { !needed.contains($0) })
    }
}

extension [ModelName] {
    fileprivate var unique: Self {
        reduce(into: []) { names, name in
            if !names.contains(name) {
                names.append(name)
            }
        }
    }
}
