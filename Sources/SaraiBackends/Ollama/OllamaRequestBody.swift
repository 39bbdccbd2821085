import SaraiCore

/// A ``GenerationRequest`` as Ollama's API writes it, for `/api/chat` or, where the prompt is raw text, `/api/generate`.
struct OllamaRequestBody: Encodable {
    private let model: String
    private let messages: [OllamaMessage]?
    private let prompt: String?
    private let suffix: String?
    private let raw: Bool?
    private let stream = true
    private let tools: [JSONValue]?
    private let format: JSONValue?
    private let think: JSONValue?
    private let logprobs: Bool?
    private let topLogprobs: Int?
    private let keepAlive: OllamaKeepAlive?
    private let options: OllamaOptions

    private enum CodingKeys: String, CodingKey {
        case model, messages, prompt, suffix, raw, stream, tools, format, think, logprobs, options
        case topLogprobs = "top_logprobs"
        case keepAlive = "keep_alive"
    }

    /// Translates a request. Ollama continues an assistant message at the end of a conversation, and does not repeat it.
    ///
    /// - Throws: ``BackendError`` with `unsupported` for what Ollama's API cannot say.
    init(model: String, request: GenerationRequest) throws {
        try Self.check(request)
        self.model = model
        switch request.promptWithContinuation {
        case .chat(let messages):
            self.messages = try messages.map(OllamaMessage.init)
            prompt = nil
            suffix = nil
            raw = nil
        case .completion(let text):
            messages = nil
            prompt = text
            suffix = nil
            raw = true
        case .infill(let before, let after):
            messages = nil
            prompt = before
            suffix = after
            raw = nil
        }
        tools = request.tools.isEmpty || request.toolChoice == .never ? nil : request.tools
        format =
            switch request.format {
            case nil: nil
            case .json: .string("json")
            case .schema(let schema): schema
            }
        think =
            switch request.reasoningEffort {
            case nil: request.thinking.map(JSONValue.bool)
            case .off: .bool(false)
            case .some(let effort): .string(effort.rawValue)
            }
        logprobs = request.topLogprobs == nil ? nil : true
        topLogprobs = request.topLogprobs
        keepAlive = request.keepAlive.map(OllamaKeepAlive.init)
        options = OllamaOptions(request.sampling)
    }

    /// Refuses what Ollama's API cannot say.
    private static func check(_ request: GenerationRequest) throws(BackendError) {
        switch request.toolChoice {
        case nil, .auto, .never: break
        case .required, .function: throw BackendError(.unsupported, "Ollama's API has no tool_choice")
        }
        if request.parallelToolCalls == false, !request.tools.isEmpty {
            throw BackendError(.unsupported, "Ollama's API cannot forbid parallel tool calls")
        }
        if !request.sampling.logitBias.isEmpty {
            throw BackendError(.unsupported, "Ollama's API has no logit_bias")
        }
        if request.reasoningEffort == .minimal {
            throw BackendError(.unsupported, "Ollama's API has no reasoning effort 'minimal'")
        }
    }
}

/// A message as Ollama's API writes it.
private struct OllamaMessage: Encodable {
    private let role: String
    private let content: String
    private let thinking: String?
    private let images: [String]?
    private let toolCalls: [Call]?
    private let toolName: String?

    private enum CodingKeys: String, CodingKey {
        case role, content, thinking, images
        case toolCalls = "tool_calls"
        case toolName = "tool_name"
    }

    private struct Call: Encodable {
        let function: Function

        struct Function: Encodable {
            let name: String
            let arguments: JSONValue
        }
    }

    init(_ message: Message) throws {
        if let media = message.media.first(where: { $0.kind != .image }) {
            throw BackendError(.unsupported, "Ollama's API takes no \(media.kind.rawValue)")
        }
        role = message.role == .developer ? Message.Role.system.rawValue : message.role.rawValue
        content = message.text
        thinking = message.thinking
        images = message.media.isEmpty ? nil : message.media.map(\.base64)
        toolCalls =
            message.toolCalls.isEmpty
            ? nil
            : try message.toolCalls.map { call in
                Call(function: .init(name: call.name, arguments: try Self.arguments(of: call)))
            }
        toolName = message.toolName
    }

    /// What the client says a call was made with. Ollama takes nothing but an object there.
    private static func arguments(of call: ToolCall) throws(BackendError) -> JSONValue {
        guard !call.arguments.isEmpty else {
            return .object([:])
        }
        guard let arguments: JSONValue = try? JSONCoding.decode(from: call.arguments), case .object = arguments else {
            throw BackendError(.unsupported, "Ollama's API has only objects as arguments of a call ('\(call.name)')")
        }
        return arguments
    }
}

/// Ollama's `options`, as far as Sarai's requests have them.
private struct OllamaOptions: Encodable {
    private let sampling: Sampling

    private enum CodingKeys: String, CodingKey {
        case temperature, seed, stop
        case topP = "top_p"
        case topK = "top_k"
        case minP = "min_p"
        case numPredict = "num_predict"
        case presencePenalty = "presence_penalty"
        case frequencyPenalty = "frequency_penalty"
        case repeatPenalty = "repeat_penalty"
        case repeatLastN = "repeat_last_n"
        case typicalP = "typical_p"
    }

    init(_ sampling: Sampling) {
        self.sampling = sampling
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(sampling.temperature, forKey: .temperature)
        try container.encodeIfPresent(sampling.seed, forKey: .seed)
        try container.encodeIfPresent(sampling.topP, forKey: .topP)
        try container.encodeIfPresent(sampling.topK, forKey: .topK)
        try container.encodeIfPresent(sampling.minP, forKey: .minP)
        try container.encodeIfPresent(sampling.maxTokens, forKey: .numPredict)
        try container.encodeIfPresent(sampling.presencePenalty, forKey: .presencePenalty)
        try container.encodeIfPresent(sampling.frequencyPenalty, forKey: .frequencyPenalty)
        try container.encodeIfPresent(sampling.repeatPenalty, forKey: .repeatPenalty)
        try container.encodeIfPresent(sampling.repeatLastN, forKey: .repeatLastN)
        try container.encodeIfPresent(sampling.typicalP, forKey: .typicalP)
        if !sampling.stop.isEmpty {
            try container.encode(sampling.stop, forKey: .stop)
        }
    }
}
