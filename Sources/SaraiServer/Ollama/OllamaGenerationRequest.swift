import SaraiCore

/// The body of `POST /api/chat` and of `POST /api/generate`.
struct OllamaGenerationRequest {
    /// Which of the two endpoints the client called.
    enum Kind: Sendable {
        case chat, generate
    }

    let model: ModelName
    /// What to generate; `nil` when only a load or an unload is asked for (an empty prompt or list of messages).
    let request: GenerationRequest?
    let stream: Bool
    /// How long the model is to stay loaded afterwards; `nil` is as configured.
    let keepAlive: KeepAlive?
    let ignored: IgnoredMembers

    fileprivate init(from decoder: any Decoder, kind: Kind) throws {
        let fields = try RequestFields(decoder)
        model = try fields.model(orNamed: "name")
        stream = try fields.optional("stream") ?? true
        keepAlive = try fields.optional("keep_alive", as: KeepAliveField.self)?.value
        let options = try fields.optional("options", as: OllamaOptions.self)
        ignored = IgnoredMembers(names: fields.unread(Self.members(of: kind)) + (options?.ignored ?? []))
        let thinking = try Self.thinking(fields)
        let prompt =
            switch kind {
            case .chat: try Self.conversation(fields)
            case .generate: try OllamaPrompt(fields).prompt
            }
        if thinking.wanted == true, prompt?.isConversation == false {
            throw PoolError(
                .unsupported, "think: not supported together with raw or suffix, which use no chat template")
        }
        // Read where there is no prompt too, so that they are not wrong unseen. Tools are of chats alone: an answer to a
        // prompt has no place for calls.
        let tools = kind == .chat ? try fields.tools() : []
        let format = try fields.optional("format", as: OllamaFormat.self)?.format
        let topLogprobs = try Self.topLogprobs(fields)
        request = try prompt.map { prompt in
            try GenerationRequest(
                prompt: prompt,
                sampling: options?.sampling ?? Sampling(),
                tools: tools,
                format: format,
                thinking: thinking.wanted,
                reasoningEffort: thinking.effort,
                topLogprobs: topLogprobs
            ).continuingLastMessage()
        }
    }

    private static func conversation(_ fields: RequestFields) throws -> GenerationRequest.Prompt? {
        let messages = try fields.optional("messages", as: [OllamaMessage].self)?.map(\.message) ?? []
        return messages.isEmpty ? nil : .chat(messages)
    }

    /// `think` is true or false, or a level that only some models know.
    private static func thinking(_ fields: RequestFields) throws -> (wanted: Bool?, effort: ReasoningEffort?) {
        switch try fields.optional("think", as: JSONValue.self) {
        case nil, .null: (nil, nil)
        case .bool(let value): (value, nil)
        case .string("low"): (true, .low)
        case .string("medium"): (true, .medium)
        case .string("high"): (true, .high)
        default: throw PoolError(.invalidRequest, "think: expected true, false, \"low\", \"medium\" or \"high\"")
        }
    }

    private static func topLogprobs(_ fields: RequestFields) throws -> Int? {
        let count = try fields.optional("top_logprobs", in: SamplingRange.topLogprobs) ?? 0
        return try fields.optional("logprobs", as: Bool.self) == true ? count : nil
    }
}

/// The body of `POST /api/chat`.
struct OllamaChatRequest: Decodable {
    let content: OllamaGenerationRequest

    init(from decoder: any Decoder) throws {
        content = try OllamaGenerationRequest(from: decoder, kind: .chat)
    }
}

/// The body of `POST /api/generate`.
struct OllamaGenerateRequest: Decodable {
    let content: OllamaGenerationRequest

    init(from decoder: any Decoder) throws {
        content = try OllamaGenerationRequest(from: decoder, kind: .generate)
    }
}

extension GenerationRequest.Prompt {
    /// Whether a chat template makes the text of it.
    fileprivate var isConversation: Bool {
        switch self {
        case .chat: true
        case .completion, .infill: false
        }
    }
}

/// A message of `POST /api/chat`.
private struct OllamaMessage: Decodable {
    let message: Message

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        let name: String = try fields.required("role")
        guard let role = Message.Role(rawValue: name) else {
            let roles = Message.Role.allCases.map(\.rawValue).joined(separator: ", ")
            throw PoolError(.invalidRequest, "messages: role '\(name)' is none of \(roles)")
        }
        let text: String = try fields.optional("content") ?? ""
        let media = try fields.optional("images", as: [OllamaMedia].self)?.map(\.media) ?? []
        let calls = try fields.optional("tool_calls", as: [Call].self) ?? []
        message = Message(
            role: role,
            content: [.text(text)] + media.map(Message.Part.media),
            toolCalls: calls.enumerated().map { index, call in
                ToolCall(id: "call_\(index)", name: call.function.name, arguments: call.function.text)
            },
            toolName: try fields.optional("tool_name"),
            thinking: try fields.text("thinking"))
    }

    private struct Call: Decodable {
        let function: Function

        struct Function: Decodable {
            let name: String
            let arguments: JSONValue?

            /// The arguments as text, the form in which other dialects carry them.
            var text: String {
                JSONCoding.text(arguments ?? .object([:]))
            }
        }
    }
}
