import SaraiCore

/// The body of `POST /v1/chat/completions` and, with `prompt` instead of `messages`, of `POST /v1/completions`.
struct OpenAIGenerationRequest: Decodable {
    let model: ModelName
    let request: GenerationRequest
    let stream: Bool
    let includesUsage: Bool

    /// Members that change nothing about the answer and may be sent by any client.
    private static let harmless: Set<String> = [
        "user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "parallel_tool_calls",
        "modalities", "reasoning_effort", "verbosity", "best_of", "echo", "n", "logprobs", "top_logprobs", "suffix",
    ]
    private static let known: Set<String> = [
        "model", "messages", "prompt", "stream", "stream_options", "temperature", "top_p", "top_k", "min_p", "seed",
        "max_tokens", "max_completion_tokens", "stop", "presence_penalty", "frequency_penalty", "repeat_penalty",
        "tools", "tool_choice", "response_format", "continue_final_message", "add_generation_prompt",
    ]

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        if let name = fields.names.sorted().first(where: { !Self.known.contains($0) && !Self.harmless.contains($0) }) {
            throw PoolError(
                .invalidRequest,
                "\(name): unknown or unsupported."
                    + Suggestion.sentence(for: name, among: Self.known))
        }
        try Self.refuseUnsupported(fields)
        model = try fields.model()
        stream = try fields.optional("stream") ?? false
        includesUsage = try fields.optional("stream_options", as: StreamOptions.self)?.includeUsage ?? false
        request = GenerationRequest(
            prompt: try Self.prompt(fields, decoder),
            sampling: try Self.sampling(fields),
            tools: try fields.tools(),
            toolChoice: try fields.optional("tool_choice"),
            format: try fields.optional("response_format", as: OpenAIFormat.self)?.format
        ).continuingLastMessage()
        try Self.checkContinuation(fields, of: request)
    }

    /// Members of vLLM and llama.cpp that say what happens here anyway. Their contrary is refused.
    private static func checkContinuation(_ fields: RequestFields, of request: GenerationRequest) throws {
        let isContinued = request.continuation != nil
        for (name, expected) in [("continue_final_message", isContinued), ("add_generation_prompt", !isContinued)] {
            if let asked: Bool = try fields.optional(name), asked != expected {
                throw PoolError(
                    .unsupported,
                    "\(name): an assistant message with text at the end is always continued, and nothing else is; "
                        + "here only \(expected) is possible")
            }
        }
    }

    /// Values of harmless members that would change the answer.
    private static func refuseUnsupported(_ fields: RequestFields) throws {
        for name in ["n", "best_of"] {
            if let count: Int = try fields.optional(name), count != 1 {
                throw PoolError(.unsupported, "\(name): only 1 is supported")
            }
        }
        if let asked: JSONValue = try fields.optional("logprobs"), asked != .bool(false), asked != .null {
            throw PoolError(.unsupported, "logprobs: not supported")
        }
        if try fields.optional("echo", as: Bool.self) == true {
            throw PoolError(.unsupported, "echo: not supported")
        }
        if let suffix: String = try fields.optional("suffix"), !suffix.isEmpty {
            throw PoolError(.unsupported, "suffix: not supported")
        }
    }

    private static func prompt(_ fields: RequestFields, _ decoder: any Decoder) throws -> GenerationRequest.Prompt {
        guard !fields.names.contains("prompt") else {
            guard let prompts = try fields.strings("prompt"), prompts.count == 1 else {
                throw PoolError(.unsupported, "prompt: exactly one prompt is supported")
            }
            return .completion(prompts[0])
        }
        guard let messages: [OpenAIChatMessage] = try fields.optional("messages") else {
            throw PoolError(.invalidRequest, "messages: missing (for /v1/completions: prompt)")
        }
        guard !messages.isEmpty else {
            throw PoolError(.invalidRequest, "messages: at least one message is needed")
        }
        return .chat(messages.map(\.message))
    }

    private static func sampling(_ fields: RequestFields) throws -> Sampling {
        var sampling = Sampling()
        sampling.temperature = try fields.optional("temperature", in: SamplingRange.temperature)
        sampling.topP = try fields.optional("top_p", in: SamplingRange.probability)
        sampling.topK = try fields.optional("top_k", in: SamplingRange.topK)
        sampling.minP = try fields.optional("min_p", in: SamplingRange.probability)
        sampling.seed = try fields.optional("seed")
        sampling.maxTokens =
            try fields.optional("max_completion_tokens", in: SamplingRange.tokens)
            ?? fields.optional("max_tokens", in: SamplingRange.tokens)
        sampling.presencePenalty = try fields.optional("presence_penalty", in: SamplingRange.penalty)
        sampling.frequencyPenalty = try fields.optional("frequency_penalty", in: SamplingRange.penalty)
        sampling.repeatPenalty = try fields.optional("repeat_penalty", in: SamplingRange.repeatPenalty)
        sampling.stop = try fields.strings("stop") ?? []
        guard sampling.stop.count <= SamplingRange.maximumStops else {
            throw PoolError(.invalidRequest, "stop: more than \(SamplingRange.maximumStops) texts")
        }
        return sampling
    }

    private struct StreamOptions: Decodable {
        let includeUsage: Bool?

        private enum CodingKeys: String, CodingKey {
            case includeUsage = "include_usage"
        }
    }
}

/// `response_format`.
private struct OpenAIFormat: Decodable {
    let format: ResponseFormat?

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        switch try fields.required("type", as: String.self) {
        case "text": format = nil
        case "json_object": format = .json
        case "json_schema":
            let wrapper: JSONValue = try fields.required("json_schema")
            guard case .object? = wrapper["schema"], let schema = wrapper["schema"] else {
                throw PoolError(.invalidRequest, "response_format.json_schema.schema: expected an object")
            }
            format = .schema(schema)
        case let type:
            throw PoolError(
                .invalidRequest, "response_format.type: '\(type)' is none of text, json_object, json_schema")
        }
    }
}
