import SaraiCore
import SaraiPool

/// An answer of `/api/chat` or `/api/generate`: whole, or the last line of a stream.
struct OllamaAnswer: Encodable {
    let kind: OllamaStreamEncoder.Kind
    let model: String
    let answer: CollectedAnswer
    /// Of a finished answer; `nil` in the middle of a stream.
    let metrics: OllamaMetrics?
    /// Of a finished answer to a prompt: the conversation, for the next one.
    var context: [Int]?

    private enum CodingKeys: String, CodingKey {
        case model, message, response, thinking, logprobs, done, context
        case createdAt = "created_at"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
        try container.encode(OllamaTime.now(), forKey: .createdAt)
        switch kind {
        case .chat:
            try container.encode(OllamaAnswerMessage(answer: answer), forKey: .message)
        case .generate:
            try container.encode(answer.content, forKey: .response)
            if !answer.thinking.isEmpty {
                try container.encode(answer.thinking, forKey: .thinking)
            }
        }
        if !answer.logprobs.isEmpty {
            try container.encode(OllamaLogprobs(answer.logprobs), forKey: .logprobs)
        }
        try container.encode(metrics != nil, forKey: .done)
        try metrics?.encode(to: encoder)
        try container.encodeIfPresent(context, forKey: .context)
    }
}

/// The probabilities of an answer's tokens: as in OpenAI's chats, without the object around them.
struct OllamaLogprobs: Encodable {
    private let tokens: [OpenAIChatLogprobs.Token]

    init(_ tokens: [TokenLogprobs]) {
        self.tokens = OpenAIChatLogprobs(tokens).content
    }

    func encode(to encoder: any Encoder) throws {
        try tokens.encode(to: encoder)
    }
}

/// The message of an answer.
private struct OllamaAnswerMessage: Encodable {
    let answer: CollectedAnswer

    private enum CodingKeys: String, CodingKey {
        case role, content, thinking
        case toolCalls = "tool_calls"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("assistant", forKey: .role)
        try container.encode(answer.content, forKey: .content)
        if !answer.thinking.isEmpty {
            try container.encode(answer.thinking, forKey: .thinking)
        }
        let calls = answer.wholeCalls.map { OllamaToolCall($0.call, arguments: $0.arguments) }
        if !calls.isEmpty {
            try container.encode(calls, forKey: .toolCalls)
        }
    }
}

/// What an answer took, in Ollama's words. Durations are in nanoseconds.
struct OllamaMetrics: Encodable {
    let doneReason: String
    let totalDuration: Int
    /// How long the request waited for a slot or a load.
    let loadDuration: Int
    let promptEvalCount: Int
    let promptEvalDuration: Int
    let evalCount: Int
    let evalDuration: Int
    /// What the pipeline did whose answer this is.
    let sarai: PipelineReport?

    init(_ answer: CollectedAnswer, route: Route, total: Duration) {
        let completion = answer.completionOfWholeCalls
        let usage = completion.usage
        // Ollama has no reason of its own for tool calls.
        doneReason = completion.reason == .length ? "length" : "stop"
        totalDuration = total.nanoseconds
        loadDuration = route.waited.nanoseconds
        promptEvalCount = usage.promptTokens
        promptEvalDuration = usage.promptDuration?.nanoseconds ?? 0
        evalCount = usage.completionTokens
        evalDuration = usage.completionDuration?.nanoseconds ?? 0
        sarai = completion.pipeline
    }

    private enum CodingKeys: String, CodingKey {
        case doneReason = "done_reason"
        case totalDuration = "total_duration"
        case loadDuration = "load_duration"
        case promptEvalCount = "prompt_eval_count"
        case promptEvalDuration = "prompt_eval_duration"
        case evalCount = "eval_count"
        case evalDuration = "eval_duration"
        case sarai
    }
}
