/// A step of an answer as it is made. Each target's stream becomes these; each dialect is written from these.
public enum GenerationEvent: Hashable, Sendable {
    /// Text of the answer.
    case content(String)
    /// Text of the reasoning before it.
    case thinking(String)
    /// The probabilities of the tokens of the text that comes next, where they were asked for. Text may lack for some of them: a
    /// token that ends the answer has none, and others make a character only together.
    case logprobs([TokenLogprobs])
    /// A piece of a tool call.
    case toolCall(ToolCallDelta)
    /// The end. Exactly one, last.
    case finished(Completion)
}

/// A token of an answer, and what might have stood in its place.
public struct TokenLogprobs: Hashable, Sendable {
    /// The token that was chosen.
    public var chosen: TokenLogprob
    /// The most probable ones, as many as were asked for, the best first.
    public var top: [TokenLogprob]

    /// A token and its alternatives.
    public init(chosen: TokenLogprob, top: [TokenLogprob]) {
        self.chosen = chosen
        self.top = top
    }
}

/// A token and its probability.
public struct TokenLogprob: Hashable, Sendable {
    /// Its text; a replacement character stands for what is only a part of one.
    public var text: String
    /// Its bytes, where the target tells.
    public var bytes: [UInt8]?
    /// The natural logarithm of its probability.
    public var logprob: Double

    /// A token.
    public init(text: String, bytes: [UInt8]?, logprob: Double) {
        self.text = text
        self.bytes = bytes
        self.logprob = logprob
    }
}

/// A piece of a tool call: the name comes first, the arguments grow.
public struct ToolCallDelta: Hashable, Sendable {
    /// Which of the answer's calls this belongs to, from 0.
    public var index: Int
    /// In the first piece.
    public var id: String?
    /// In the first piece.
    public var name: String?
    /// More of the JSON text.
    public var arguments: String

    /// A piece of a tool call.
    public init(index: Int, id: String? = nil, name: String? = nil, arguments: String = "") {
        self.index = index
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}

/// How an answer ended, and what it took.
public struct Completion: Hashable, Sendable {
    /// Why generation stopped.
    public enum Reason: String, Sendable {
        /// The model was done, or a stop text came.
        case stop
        /// The token limit or the context was reached.
        case length
        /// The model asks for tools.
        case toolCalls = "tool_calls"
    }

    /// Why generation stopped.
    public var reason: Reason
    /// The stop text that ended it; `nil` where none did, or the target does not tell.
    public var stopText: String?
    /// What it took; of a pipeline, all its steps together.
    public var usage: Usage
    /// What the pipeline did whose answer this is; `nil` where one model answered alone.
    public var pipeline: PipelineReport?

    /// The end of an answer.
    public init(reason: Reason, stopText: String? = nil, usage: Usage, pipeline: PipelineReport? = nil) {
        self.reason = reason
        self.stopText = stopText
        self.usage = usage
        self.pipeline = pipeline
    }
}

/// Tokens and times of an answer, as the target counted them.
public struct Usage: Hashable, Sendable {
    /// Tokens of the prompt.
    public var promptTokens = 0
    /// Tokens generated.
    public var completionTokens = 0
    /// Time for evaluating the prompt, where the target tells.
    public var promptDuration: Duration?
    /// Time for generating, where the target tells.
    public var completionDuration: Duration?

    /// Nothing used.
    public init() {}
}
