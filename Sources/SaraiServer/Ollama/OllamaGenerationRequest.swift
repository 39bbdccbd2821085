import SaraiCore

/// The body of `POST /api/chat` and of `POST /api/generate`.
struct OllamaGenerationRequest: Decodable {
    let model: ModelName
    /// What to generate; `nil` when only a load or an unload is asked for (an empty prompt or list of messages).
    let request: GenerationRequest?
    let stream: Bool
    /// How long the model is to stay loaded afterwards; `nil` is as configured.
    let keepAlive: KeepAlive?
    /// Members and options that were ignored, as Ollama ignores what it does not know.
    let ignored: [String]

    /// Members that cannot be honoured, and what to do instead. They are refused, unless they ask for nothing.
    private static let unsupported = [
        ("template", "a chat template is a matter of the configuration (key chat_template); raw takes a text as it is"),
        ("context", "send the conversation to /api/chat instead"),
    ]

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        for (name, remedy) in Self.unsupported {
            let value: JSONValue? = try fields.optional(name)
            guard value == nil || value == .string("") || value == .array([]) else {
                throw PoolError(.unsupported, "\(name): not supported; \(remedy)")
            }
        }
        model = try fields.model(orNamed: "name")
        stream = try fields.optional("stream") ?? true
        keepAlive = try fields.optional("keep_alive", as: KeepAliveField.self)?.value
        let options = try fields.optional("options", as: OllamaOptions.self)
        ignored = fields.unread(Self.members) + (options?.ignored ?? [])
        let thinking = try Self.thinking(fields)
        request = try Self.prompt(fields).map { prompt in
            GenerationRequest(
                prompt: prompt,
                sampling: options?.sampling ?? Sampling(),
                tools: try fields.tools(),
                format: try fields.optional("format", as: OllamaFormat.self)?.format,
                thinking: thinking.wanted,
                reasoningEffort: thinking.effort,
                topLogprobs: try Self.topLogprobs(fields)
            ).continuingLastMessage()
        }
    }

    private static func prompt(_ fields: RequestFields) throws -> GenerationRequest.Prompt? {
        if fields.names.contains("messages") {
            let messages = try fields.required("messages", as: [OllamaMessage].self).map(\.message)
            return messages.isEmpty ? nil : .chat(messages)
        }
        let text: String = try fields.optional("prompt") ?? ""
        if let suffix: String = try fields.optional("suffix"), !suffix.isEmpty {
            for name in ["system", "images"] where fields.names.contains(name) {
                throw PoolError(.unsupported, "\(name): not supported together with suffix")
            }
            return .infill(prefix: text, suffix: suffix)
        }
        let media = try fields.optional("images", as: [OllamaMedia].self)?.map(\.media) ?? []
        guard !text.isEmpty || !media.isEmpty else {
            return nil
        }
        if try fields.optional("raw", as: Bool.self) == true {
            guard media.isEmpty else {
                throw PoolError(.unsupported, "images: not supported together with raw")
            }
            if let system: String = try fields.optional("system"), !system.isEmpty {
                throw PoolError(.unsupported, "system: not supported together with raw")
            }
            return .completion(text)
        }
        let system: String = try fields.optional("system") ?? ""
        let user = Message(role: .user, content: [.text(text)] + media.map(Message.Part.media))
        return .chat((system.isEmpty ? [] : [Message(role: .system, text: system)]) + [user])
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
            toolName: try fields.optional("tool_name"))
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
