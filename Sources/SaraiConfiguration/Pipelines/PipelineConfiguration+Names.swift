import SaraiCore

extension PipelineConfiguration {
    /// What clients write before a pipeline's name where they name the model; no model's name begins so.
    package static let prefix = "sarai:"
    /// The name under which the router chooses a pipeline or a model; no pipeline has it.
    package static let auto = "auto"

    /// Whether clients can write a text for a pipeline's name.
    static func isName(_ text: String) -> Bool {
        // Ollama's clients add the tag 'latest' to every name that has none, so it does not count as a part of one.
        let isSingle = !text.contains { ":/".contains($0) } && text != "latest"
        return isSingle && text.utf8.count <= 64 && ModelName(text) != nil
    }
}
