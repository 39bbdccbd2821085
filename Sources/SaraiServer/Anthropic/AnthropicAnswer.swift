import SaraiCore

/// A whole answer of `POST /v1/messages`.
struct AnthropicAnswer: Encodable {
    let id: String
    let type = "message"
    let role = "assistant"
    let model: String
    let content: [Block]
    let stop: AnthropicStop
    let usage: AnthropicUsage
    /// What the pipeline did whose answer this is.
    let sarai: PipelineReport?

    init(id: String, model: ModelName, answer: CollectedAnswer) {
        self.id = id
        self.model = model.rawValue
        content =
            (answer.thinking.isEmpty ? [] : [.thinking(answer.thinking)])
            + (answer.content.isEmpty ? [] : [.text(answer.content)])
            + answer.wholeCalls.map { Block.toolUse($0.call, input: $0.arguments) }
        stop = AnthropicStop(answer.completionOfWholeCalls)
        usage = AnthropicUsage(answer.completion.usage)
        sarai = answer.completion.pipeline
    }

    private enum CodingKeys: String, CodingKey {
        case id, type, role, model, content, usage, sarai
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(type, forKey: .type)
        try container.encode(role, forKey: .role)
        try container.encode(model, forKey: .model)
        try container.encode(content, forKey: .content)
        try stop.encode(to: encoder)
        try container.encode(usage, forKey: .usage)
        try container.encodeIfPresent(sarai, forKey: .sarai)
    }

    /// A piece of an answer.
    enum Block: Encodable {
        case thinking(String)
        case text(String)
        case toolUse(ToolCall, input: JSONValue)

        private enum CodingKeys: String, CodingKey {
            case type, thinking, signature, text, id, name, input
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            switch self {
            case .thinking(let text):
                try container.encode("thinking", forKey: .type)
                try container.encode(text, forKey: .thinking)
                // Nobody signs thoughts here, and nobody asks for the signature.
                try container.encode("", forKey: .signature)
            case .text(let text):
                try container.encode("text", forKey: .type)
                try container.encode(text, forKey: .text)
            case .toolUse(let call, let input):
                try container.encode("tool_use", forKey: .type)
                try container.encode(call.id, forKey: .id)
                try container.encode(call.name, forKey: .name)
                try container.encode(input, forKey: .input)
            }
        }
    }
}

/// Why an answer ended, in Anthropic's words.
struct AnthropicStop: Encodable {
    let reason: String
    /// The stop text, where one ended the answer.
    let sequence: String?

    init(_ completion: Completion) {
        switch completion.reason {
        case .length: (reason, sequence) = ("max_tokens", nil)
        case .toolCalls: (reason, sequence) = ("tool_use", nil)
        case .stop:
            sequence = completion.stopText
            reason = sequence == nil ? "end_turn" : "stop_sequence"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case reason = "stop_reason"
        case sequence = "stop_sequence"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(reason, forKey: .reason)
        // Clients expect the member to be there.
        try container.encode(sequence, forKey: .sequence)
    }
}

/// Tokens used.
struct AnthropicUsage: Encodable {
    let inputTokens: Int
    let outputTokens: Int

    init(_ usage: Usage) {
        inputTokens = usage.promptTokens
        outputTokens = usage.completionTokens
    }

    private enum CodingKeys: String, CodingKey {
        case inputTokens = "input_tokens"
        case outputTokens = "output_tokens"
    }
}
