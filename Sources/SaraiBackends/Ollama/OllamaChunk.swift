import SaraiCore

/// One line of a streamed answer in Ollama's API: of a chat (`message`) or of a generation (`response`).
struct OllamaChunk: Decodable {
    var message: MessagePiece?
    var response: String?
    var thinking: String?
    var logprobs: [OpenAILogprobs.Token]?
    var done: Bool
    var doneReason: String?
    var promptEvalCount: Int?
    var promptEvalDuration: Int64?
    var evalCount: Int?
    var evalDuration: Int64?

    private enum CodingKeys: String, CodingKey {
        case message, response, thinking, logprobs, done
        case doneReason = "done_reason"
        case promptEvalCount = "prompt_eval_count"
        case promptEvalDuration = "prompt_eval_duration"
        case evalCount = "eval_count"
        case evalDuration = "eval_duration"
    }

    struct MessagePiece: Decodable {
        var content: String?
        var thinking: String?
        var toolCalls: [Call]?

        private enum CodingKeys: String, CodingKey {
            case content, thinking
            case toolCalls = "tool_calls"
        }
    }

    struct Call: Decodable {
        var function: Function

        struct Function: Decodable {
            var name: String
            var arguments: JSONValue
        }
    }
}

/// Turns a stream of ``OllamaChunk`` into events.
struct OllamaChunkReader: AnswerReader {
    /// Alternatives that are told for each token; `nil` where nothing is.
    private let topLogprobs: Int?
    private(set) var completion: Completion?
    private var toolCalls = 0

    /// A reader of the answer to a request for so many alternatives of each token.
    init(topLogprobs: Int? = nil) {
        self.topLogprobs = topLogprobs
    }

    /// The line that says why the model stopped is the last.
    var isOver: Bool { completion != nil }

    mutating func read(_ chunk: OllamaChunk) -> [GenerationEvent] {
        var events: [GenerationEvent] = []
        if let text = chunk.message?.thinking ?? chunk.thinking, !text.isEmpty {
            events.append(.thinking(text))
        }
        if let topLogprobs, let tokens = chunk.logprobs, !tokens.isEmpty {
            let told = tokens.map { TokenLogprobs(chosen: $0.logprob, top: ($0.topLogprobs ?? []).map(\.logprob)) }
            events.append(.logprobs(told.withTop(topLogprobs)))
        }
        if let text = chunk.message?.content ?? chunk.response, !text.isEmpty {
            events.append(.content(text))
        }
        for call in chunk.message?.toolCalls ?? [] {
            // Ollama sends a call whole and gives it no id.
            events.append(
                .toolCall(
                    ToolCallDelta(
                        index: toolCalls, id: "call_\(toolCalls)", name: call.function.name,
                        arguments: JSONCoding.text(call.function.arguments))))
            toolCalls += 1
        }
        if chunk.done {
            completion = completion(of: chunk)
        }
        return events
    }

    private func completion(of chunk: OllamaChunk) -> Completion {
        var usage = Usage()
        usage.promptTokens = chunk.promptEvalCount ?? 0
        usage.completionTokens = chunk.evalCount ?? 0
        usage.promptDuration = chunk.promptEvalDuration.map { .nanoseconds($0) }
        usage.completionDuration = chunk.evalDuration.map { .nanoseconds($0) }
        return Completion(
            reason: toolCalls > 0 ? .toolCalls : chunk.doneReason == "length" ? .length : .stop, usage: usage)
    }
}
