import SaraiCore

/// A pipeline's values as they are read, before they are checked against each other. Holds the defaults.
struct PipelineDraft: Sendable {
    var summary: String?
    var input = PipelineConfiguration.Input.text
    var steps: [SectionReader<StepDraft>.Result]?
}

/// A step's values as they are read. Holds the defaults.
struct StepDraft: Equatable, Sendable {
    var name: String?
    // What it does: one of these …
    var model: ModelName?
    var role: ModelConfiguration.Role?
    var search: LocalizedText?
    var transcribes = false
    // … and how a model is asked.
    var system: LocalizedText?
    var prompt: LocalizedText?
    var takesMedia = false
    var takesHistory: Bool?
    var footer: LocalizedText?
    var maxTokens: Int?
    var temperature: Double?
    var condition = PipelineStep.Condition.always
    var isOptional = false
    var otherwise = LocalizedText("")
    var timeout: Duration?

    /// The keys that have an effect only where a model is asked.
    static let generationKeys = ["system", "prompt", "media", "history", "footer", "max_tokens", "temperature"]

    /// The templates by their keys.
    var templates: [(key: String, text: LocalizedText)] {
        [("system", system), ("prompt", prompt), ("footer", footer), ("search", search)].compactMap { key, text in
            text.map { (key, $0) }
        }
    }

    /// The model that it asks.
    var reference: ModelReference? {
        model.map(ModelReference.name) ?? role.map(ModelReference.role)
    }
}

/// A text as the file writes it where the languages differ.
struct LocalizedDraft: Sendable {
    var english: String?
    var spanish: String?
}
