import SaraiConfiguration
import SaraiCore
import SaraiPool

extension PipelineConfiguration {
    /// The models that it needs, and those that it can do without, each with what its steps ask of it.
    ///
    /// - Parameters:
    ///   - configuration: the models that there are.
    ///   - runs: which steps are meant.
    ///   - hasMedia: whether a step that runs has images or sounds to show.
    /// - Returns: both, in the order of the steps.
    /// - Throws: ``SaraiCore/PoolError`` if it needs one that there is not.
    func held(
        in configuration: Configuration, where runs: (PipelineStep) -> Bool = { _ in true },
        hasMedia: (GenerationStep) -> Bool = \.takesMedia
    ) throws(PoolError) -> (needed: [HeldModel], optional: [HeldModel]) {
        var needs: [ModelName: [Needs]] = [:]
        func note(_ model: ModelConfiguration?, _ need: Needs) {
            if let name = model?.name, needs[name]?.contains(need) != true {
                needs[name, default: []].append(need)
            }
        }
        let uses = try uses(in: configuration, where: runs)
        for step in steps where runs(step) {
            if step.condition == .webQuery {
                note(configuration.routerEmbedding, .embedding)
            }
            switch step.action {
            case .generate(let generation):
                note(configuration.model(generation.model), .generation(hasMedia: hasMedia(generation)))
            case .transcribe: note(configuration.transcriber, .transcription)
            case .search: break
            }
        }
        func held(_ names: [ModelName]) -> [HeldModel] {
            names.map { HeldModel($0, needs: needs[$0] ?? []) }
        }
        return (held(uses.needed), held(uses.optional))
    }
}
