public import SaraiCore

/// Several models for one answer: named steps, each of which may use what earlier ones found. The last one answers.
public struct PipelineConfiguration: Hashable, Sendable {
    /// Clients write `sarai:` and this name for the model.
    public var name: String
    /// What it does, in one sentence.
    public var summary: String
    /// What the request must bring besides text.
    public var input: Input
    /// The steps, in the order in which they can run: none uses what comes after it. Never empty.
    public var steps: [PipelineStep]

    /// What a request must bring besides text.
    public enum Input: String, Hashable, Sendable, CaseIterable {
        /// Nothing; what else it brings goes to steps with `media: true`.
        case text
        /// A sound.
        case audio
        /// At least one image or sound.
        case media
    }
}

/// One step of a pipeline.
public struct PipelineStep: Hashable, Sendable {
    /// Later steps write `{{name}}` where its result goes.
    public var name: String
    /// What it does.
    public var action: Action
    /// When it runs; a step that does not run has ``otherwise`` as its result.
    public var condition: Condition
    /// Whether the pipeline goes on, with ``otherwise``, when the step fails.
    public var isOptional: Bool
    /// The result of a step that did not run or that failed.
    public var otherwise: LocalizedText
    /// How long it may take; `nil` is as long as the request may.
    public var timeout: Duration?

    /// What a step does.
    public enum Action: Hashable, Sendable {
        /// A model answers a prompt.
        case generate(GenerationStep)
        /// The web is searched; the text is the template of the query.
        case search(LocalizedText)
        /// The request's sounds become text.
        case transcribe
    }

    /// When a step runs.
    public enum Condition: String, Hashable, Sendable, CaseIterable {
        case always
        /// When the router finds that fresh facts are needed.
        case webQuery = "web_query"
        /// When the request brings an image.
        case image
        /// When the request brings a sound.
        case audio
    }
}

/// A step in which a model answers a prompt.
public struct GenerationStep: Hashable, Sendable {
    /// Which model.
    public var model: ModelReference
    /// The template of the system message; `nil` is none.
    public var system: LocalizedText?
    /// The template of the user's message.
    public var prompt: LocalizedText
    /// Whether the request's images and sounds go along.
    public var takesMedia: Bool
    /// Whether the conversation so far goes along.
    public var takesHistory: Bool
    /// The template of what is written after the answer; empty for none. Only for the last step.
    public var footer: LocalizedText?
    /// Tokens at most; `nil` leaves it to the model. For the last step the client decides.
    public var maxTokens: Int?
    /// How tokens are chosen; `nil` leaves it to the model. For the last step the client decides.
    public var temperature: Double?
}

/// A model by its name, or by what it is for.
public enum ModelReference: Hashable, Sendable {
    /// The model of this name.
    case name(ModelName)
    /// The first model of this role.
    case role(ModelConfiguration.Role)
}

/// A text per language; a template is read by ``PromptTemplate``.
public struct LocalizedText: Hashable, Sendable {
    /// In English.
    public var english: String
    /// In Spanish.
    public var spanish: String

    /// The text in a language.
    public subscript(language: Language) -> String {
        switch language {
        case .english: english
        case .spanish: spanish
        }
    }

    /// The same text in both languages.
    public init(_ text: String) {
        self.init(english: text, spanish: text)
    }

    /// A text for each of the languages.
    public init(english: String, spanish: String) {
        self.english = english
        self.spanish = spanish
    }
}
