import SaraiCore

extension PipelineConfiguration {
    /// A model that answers by itself.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - takesMedia: whether the conversation's images and sounds go along, which many models refuse.
    /// - Returns: a pipeline of one step.
    public static func alone(_ model: ModelReference, takesMedia: Bool) -> Self {
        let name: String =
            switch model {
            case .name(let name): name.rawValue
            case .role(let role): role.rawValue
            }
        let step = GenerationStep(
            model: model, system: nil, prompt: LocalizedText("{{text}}"), takesMedia: takesMedia, takesHistory: true,
            footer: nil, maxTokens: nil, temperature: nil)
        return PipelineConfiguration(
            name: name, summary: "", input: .text,
            steps: [
                PipelineStep(
                    name: "answer", action: .generate(step), condition: .always, isOptional: false,
                    otherwise: LocalizedText(""), timeout: nil)
            ])
    }
}
