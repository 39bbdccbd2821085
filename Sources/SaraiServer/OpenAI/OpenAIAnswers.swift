import Foundation
import SaraiCore

/// A whole answer of `/v1/chat/completions`.
struct OpenAIChatAnswer: Encodable {
    let id: String
    let object = "chat.completion"
    let created: Int
    let model: String
    let choices: [Choice]
    let usage: OpenAIUsage
    /// What the pipeline did whose answer this is.
    let sarai: PipelineReport?

    init(id: String, created: Int, request: OpenAIGenerationRequest, answers: [CollectedAnswer]) {
        self.id = id
        self.created = created
        model = request.model.rawValue
        sarai = answers.first?.completion.pipeline
        choices = answers.enumerated().map { index, answer in
            Choice(
                index: index, message: AnswerMessage(answer: answer),
                logprobs: request.request.topLogprobs == nil ? nil : OpenAIChatLogprobs(answer.logprobs),
                finishReason: answer.completion.reason.rawValue)
        }
        usage = OpenAIUsage(answers, to: request)
    }

    struct Choice: Encodable {
        let index: Int
        let message: AnswerMessage
        let logprobs: OpenAIChatLogprobs?
        let finishReason: String

        private enum CodingKeys: String, CodingKey {
            case index, message, logprobs
            case finishReason = "finish_reason"
        }
    }

    struct AnswerMessage: Encodable {
        let answer: CollectedAnswer

        private enum CodingKeys: String, CodingKey {
            case role, content
            case reasoning = "reasoning_content"
            case toolCalls = "tool_calls"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode("assistant", forKey: .role)
            if answer.content.isEmpty, !answer.toolCalls.isEmpty {
                try container.encodeNil(forKey: .content)
            } else {
                try container.encode(answer.content, forKey: .content)
            }
            if !answer.thinking.isEmpty {
                try container.encode(answer.thinking, forKey: .reasoning)
            }
            if !answer.toolCalls.isEmpty {
                try container.encode(answer.toolCalls.map(Call.init), forKey: .toolCalls)
            }
        }
    }

    private struct Call: Encodable {
        let id: String
        let type = "function"
        let function: [String: String]

        init(_ call: ToolCall) {
            id = call.id
            function = ["name": call.name, "arguments": call.arguments]
        }
    }
}

/// A whole answer of `/v1/completions`.
struct OpenAICompletionAnswer: Encodable {
    let id: String
    let object = "text_completion"
    let created: Int
    let model: String
    let choices: [Choice]
    let usage: OpenAIUsage

    init(id: String, created: Int, request: OpenAIGenerationRequest, answers: [CollectedAnswer]) {
        self.id = id
        self.created = created
        model = request.model.rawValue
        choices = zip(request.choices, answers).enumerated().map { index, pair in
            let (asked, answer) = pair
            return Choice(
                index: index, text: asked.echo + answer.content,
                logprobs: asked.request.topLogprobs == nil
                    ? nil : OpenAICompletionLogprobs(answer.logprobs, offset: asked.echo.unicodeScalars.count),
                finishReason: answer.completion.reason.rawValue)
        }
        usage = OpenAIUsage(answers, to: request)
    }

    struct Choice: Encodable {
        let index: Int
        let text: String
        let logprobs: OpenAICompletionLogprobs?
        let finishReason: String

        private enum CodingKeys: String, CodingKey {
            case index, text, logprobs
            case finishReason = "finish_reason"
        }
    }
}

/// Tokens used.
struct OpenAIUsage: Encodable {
    let promptTokens: Int
    let completionTokens: Int
    let totalTokens: Int

    /// What the answers to one request took together. A prompt that has several answers counts once.
    init(_ answers: [CollectedAnswer], to request: OpenAIGenerationRequest) {
        promptTokens = zip(request.choices, answers).reduce(0) { sum, pair in
            sum + (pair.0.sharesPrompt ? 0 : pair.1.completion.usage.promptTokens)
        }
        completionTokens = answers.reduce(0) { $0 + $1.completion.usage.completionTokens }
        totalTokens = promptTokens + completionTokens
    }

    private enum CodingKeys: String, CodingKey {
        case promptTokens = "prompt_tokens"
        case completionTokens = "completion_tokens"
        case totalTokens = "total_tokens"
    }
}

/// `GET /v1/models`, for clients of OpenAI and of Anthropic, which ask in the same place.
struct OpenAIModelList: Encodable {
    let object = "list"
    let data: [OpenAIModel]
    /// Of Anthropic's: the list is whole.
    let hasMore = false

    private enum CodingKeys: String, CodingKey {
        case object, data
        case hasMore = "has_more"
        case firstID = "first_id"
        case lastID = "last_id"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(object, forKey: .object)
        try container.encode(data, forKey: .data)
        try container.encode(hasMore, forKey: .hasMore)
        try container.encode(data.first?.id, forKey: .firstID)
        try container.encode(data.last?.id, forKey: .lastID)
    }
}

/// A model in `GET /v1/models`: OpenAI's members, then Anthropic's.
struct OpenAIModel: Encodable {
    let id: String
    let object = "model"
    let created: Int
    let ownedBy = "sarai"
    let type = "model"
    let displayName: String
    let createdAt: String

    /// A model.
    ///
    /// - Parameters:
    ///   - id: its name.
    ///   - created: seconds since 1970.
    init(id: String, created: Int) {
        self.id = id
        self.created = created
        displayName = id
        createdAt = OllamaTime.text(Date(timeIntervalSince1970: Double(created)))
    }

    private enum CodingKeys: String, CodingKey {
        case id, object, created, type
        case ownedBy = "owned_by"
        case displayName = "display_name"
        case createdAt = "created_at"
    }
}
