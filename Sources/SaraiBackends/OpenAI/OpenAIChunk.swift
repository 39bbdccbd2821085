import SaraiCore

/// One event of a streamed answer in OpenAI's API: of a chat (`delta`) or of a completion (`text`).
struct OpenAIChunk: Decodable {
    var choices: [Choice]
    var usage: UsageBlock?
    /// llama-server's own measurements, in its last event.
    var timings: Timings?
    /// What another Sarai's pipeline did, in its last event.
    var sarai: PipelineReport?
    /// What llama-server tells where it is asked for everything.
    var details: Details?

    private enum CodingKeys: String, CodingKey {
        case choices, usage, timings, sarai
        case details = "__verbose"
    }

    struct Details: Decodable {
        /// The stop text that ended the answer; empty where none did.
        var stopText: String?

        static let stopMember = "stopping_word"

        private enum CodingKeys: String, CodingKey {
            case stopText = "stopping_word"
        }
    }

    struct Choice: Decodable {
        var delta: Delta?
        var text: String?
        var logprobs: OpenAILogprobs?
        var finishReason: String?
        /// vLLM's word for what ended the answer: a stop text, or the number of a token.
        var stopReason: JSONValue?

        private enum CodingKeys: String, CodingKey {
            case delta, text, logprobs
            case finishReason = "finish_reason"
            case stopReason = "stop_reason"
        }
    }

    struct Delta: Decodable {
        var content: String?
        var reasoning: String?
        var reasoningContent: String?
        var toolCalls: [ToolCallPiece]?

        private enum CodingKeys: String, CodingKey {
            case content, reasoning
            case reasoningContent = "reasoning_content"
            case toolCalls = "tool_calls"
        }
    }

    struct ToolCallPiece: Decodable {
        var index: Int?
        var id: String?
        var function: Function?

        struct Function: Decodable {
            var name: String?
            var arguments: String?
        }
    }

    struct UsageBlock: Decodable, Sendable {
        var promptTokens: Int
        var completionTokens: Int?

        private enum CodingKeys: String, CodingKey {
            case promptTokens = "prompt_tokens"
            case completionTokens = "completion_tokens"
        }
    }

    struct Timings: Decodable {
        var promptMilliseconds: Double
        var predictedMilliseconds: Double

        private enum CodingKeys: String, CodingKey {
            case promptMilliseconds = "prompt_ms"
            case predictedMilliseconds = "predicted_ms"
        }
    }
}

/// Turns a stream of ``OpenAIChunk`` into events.
///
/// The reason comes before the usage and the usage before the end marker, each in a chunk of its own, so the last event
/// can only be made when the stream is over.
struct OpenAIChunkReader: AnswerReader {
    /// Alternatives that are told for each token; `nil` where nothing is.
    private let topLogprobs: Int?
    private var reason: Completion.Reason?
    private var stopText: String?
    private var usage = Usage()
    private var pipeline: PipelineReport?
    private var hasToolCalls = false

    /// A reader of the answer to a request for so many alternatives of each token.
    init(topLogprobs: Int? = nil) {
        self.topLogprobs = topLogprobs
    }

    mutating func read(_ chunk: OpenAIChunk) -> [GenerationEvent] {
        if let block = chunk.usage {
            usage.promptTokens = block.promptTokens
            usage.completionTokens = block.completionTokens ?? 0
        }
        if let timings = chunk.timings {
            usage.promptDuration = .milliseconds(fraction: timings.promptMilliseconds)
            usage.completionDuration = .milliseconds(fraction: timings.predictedMilliseconds)
        }
        pipeline = chunk.sarai ?? pipeline
        if let text = chunk.details?.stopText, !text.isEmpty {
            stopText = text
        }
        guard let choice = chunk.choices.first else {
            return []
        }
        // vLLM and SGLang report so what they gave up, as it were an end.
        if let text = choice.finishReason, text != "abort", text != "error" {
            reason = Completion.Reason(rawValue: text) ?? .stop
        }
        stopText = choice.stopReason?.stringValue ?? stopText
        var events: [GenerationEvent] = []
        if let text = choice.delta?.reasoningContent ?? choice.delta?.reasoning, !text.isEmpty {
            events.append(.thinking(text))
        }
        if let topLogprobs, let tokens = choice.logprobs?.tokens, !tokens.isEmpty {
            events.append(.logprobs(tokens.withTop(topLogprobs)))
        }
        if let text = choice.delta?.content ?? choice.text, !text.isEmpty {
            events.append(.content(text))
        }
        for piece in choice.delta?.toolCalls ?? [] {
            hasToolCalls = true
            events.append(
                .toolCall(
                    ToolCallDelta(
                        index: piece.index ?? 0, id: piece.id, name: piece.function?.name,
                        arguments: piece.function?.arguments ?? "")))
        }
        return events
    }

    /// `[DONE]` tells that, and not a document.
    var isOver: Bool { false }

    var completion: Completion? {
        reason.map {
            Completion(
                reason: hasToolCalls && $0 == .stop ? .toolCalls : $0, stopText: stopText, usage: usage,
                pipeline: pipeline)
        }
    }
}
