/// What a pipeline did for an answer.
public struct PipelineReport: Hashable, Sendable, Codable {
    /// The pipeline, or the model that answered alone where the router chose one, or where it went on with a conversation.
    public var name: String
    /// Why the router chose it, or why a model answered alone; `nil` where it is what the client asked for.
    public var choice: String?
    /// The steps that are over, in the order in which they ended.
    public var steps: [StepReport]

    /// A report.
    public init(name: String, choice: String? = nil, steps: [StepReport] = []) {
        self.name = name
        self.choice = choice
        self.steps = steps
    }
}

/// What one step of a pipeline did.
public struct StepReport: Hashable, Sendable, Codable {
    /// How a step ended.
    public enum Outcome: String, Hashable, Sendable, Codable {
        /// With a result.
        case done
        /// It was not needed.
        case skipped
        /// Without a result, and the pipeline went on without it.
        case failed
    }

    /// The step.
    public var name: String
    /// How it ended.
    public var outcome: Outcome
    /// What did it: a target, or what was searched.
    public var by: String?
    /// Why it was skipped or failed.
    public var reason: String?
    /// Seconds it took.
    public var seconds: Double
    /// What it found; not of the last step, whose result is the answer.
    public var result: String?
    /// Tokens of its prompt.
    public var promptTokens: Int
    /// Tokens generated.
    public var completionTokens: Int

    /// A report.
    public init(
        name: String, outcome: Outcome, by: String? = nil, reason: String? = nil, seconds: Double = 0,
        result: String? = nil, usage: Usage = Usage()
    ) {
        self.name = name
        self.outcome = outcome
        self.by = by
        self.reason = reason
        self.seconds = seconds
        self.result = result
        promptTokens = usage.promptTokens
        completionTokens = usage.completionTokens
    }

    private enum CodingKeys: String, CodingKey {
        case name, outcome, by, reason, seconds, result
        case promptTokens = "prompt_tokens"
        case completionTokens = "completion_tokens"
    }
}
