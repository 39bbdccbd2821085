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

    init(id: String, created: Int, model: ModelName, answer: CollectedAnswer) {
        self.id = id
        self.created = created
        self.model = model.rawValue
        sarai = answer.completion.pipeline
        choices = [
            Choice(
                message: AnswerMessage(answer: answer), finishReason: answer.completion.reason.rawValue)
        ]
        usage = OpenAIUsage(answer.completion.usage)
    }

    struct Choice: Encodable {
        let index = 0
        let message: AnswerMessage
        let finishReason: String

        private enum CodingKeys: String, CodingKey {
            case index, message
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

    init(id: String, created: Int, model: ModelName, answer: CollectedAnswer) {
        self.id = id
        self.created = created
        self.model = model.rawValue
        choices = [Choice(text: answer.content, finishReason: answer.completion.reason.rawValue)]
        usage = OpenAIUsage(answer.completion.usage)
    }

    struct Choice: Encodable {
        let index = 0
        let text: String
        let finishReason: String

        private enum CodingKeys: String, CodingKey {
            case index, text
            case finishReason = "finish_reason"
        }
    }
}

/// Tokens used.
struct OpenAIUsage: Encodable {
    let promptTokens: Int
    let completionTokens: Int
    let totalTokens: Int

    init(_ usage: Usage) {
        promptTokens = usage.promptTokens
        completionTokens = usage.completionTokens
        totalTokens = usage.promptTokens + usage.completionTokens
    }

    private enum CodingKeys: String, CodingKey {
        case promptTokens = "prompt_tokens"
        case completionTokens = "completion_tokens"
        case totalTokens = "total_tokens"
    }
}

/// `GET /v1/models`.
struct OpenAIModelList: Encodable {
    let object = "list"
    let data: [OpenAIModel]
}

/// A model in `GET /v1/models`.
struct OpenAIModel: Encodable {
    let id: String
    let object = "model"
    let created: Int
    let ownedBy = "sarai"

    private enum CodingKeys: String, CodingKey {
        case id, object, created
        case ownedBy = "owned_by"
    }
}
