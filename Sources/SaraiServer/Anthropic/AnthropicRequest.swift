import SaraiCore

/// The body of `POST /v1/messages` and, without what concerns the answer alone, of `POST /v1/messages/count_tokens`.
struct AnthropicRequest: Decodable {
    let model: ModelName
    let request: GenerationRequest
    let stream: Bool

    /// The members that are read.
    private static let members: [Member] = [
        .required("model", .component("ModelName")),
        .required("messages", .list(of: AnthropicMessage.schema, count: 1...Int.max)),
        .optional("system", AnthropicContent.schema(.texts)),
        .optional("stop_sequences", .oneOrMany(upTo: SamplingRange.maximumStops)),
        .optional("stream", .boolean),
        .optional("temperature", .number(in: SamplingRange.temperature)),
        .optional("top_p", .number(in: SamplingRange.probability)),
        .optional("top_k", .integer(in: SamplingRange.topK)),
        .optional("thinking", Thinking.schema),
        .optional("tools", .list(of: AnthropicTool.schema)),
        .optional("tool_choice", AnthropicToolChoice.schema),
        .optional("output_config", OutputConfiguration.schema),
    ]
    /// Members that change nothing about the answer and may be sent by any client.
    private static let harmless: [Member] = ["metadata", "service_tier", "cache_control", "inference_geo"].map {
        .optional($0, .any, "Changes nothing.")
    }
    private static let limit = Schema.integer(in: SamplingRange.tokens)

    /// What the body looks like.
    ///
    /// - Parameter needsLimit: whether the number of tokens must be limited.
    /// - Returns: the schema.
    static func schema(needsLimit: Bool) -> Schema {
        .object(
            members + [needsLimit ? .required("max_tokens", limit) : .optional("max_tokens", limit)] + harmless,
            others: false)
    }

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        try fields.requireKnown(Self.members + Self.harmless + [.optional("max_tokens", Self.limit)])
        model = try fields.model()
        stream = try fields.optional("stream") ?? false
        let tools = try fields.optional("tools", as: [AnthropicTool].self) ?? []
        let choice = try fields.optional("tool_choice", as: AnthropicToolChoice.self)
        try choice?.check(for: tools)
        request = try GenerationRequest(
            prompt: .chat(try Self.conversation(fields)),
            sampling: try Self.sampling(fields),
            tools: tools.map(\.definition),
            toolChoice: choice?.choice,
            parallelToolCalls: choice?.isParallel,
            format: try fields.optional("output_config", as: OutputConfiguration.self)?.format,
            thinking: try fields.optional("thinking", as: Thinking.self)?.isWanted
        ).continuingLastMessage()
    }

    private static func conversation(_ fields: RequestFields) throws -> [Message] {
        let messages = try fields.required("messages", as: [AnthropicMessage].self)
        guard !messages.isEmpty else {
            throw PoolError(.invalidRequest, "messages: at least one message is needed")
        }
        let system = try fields.optional("system", as: AnthropicContent.self)?.parts(in: "system") ?? []
        let instruction = Message(role: .system, content: system)
        guard instruction.media.isEmpty else {
            throw PoolError(.invalidRequest, "system: only text is expected here")
        }
        return (instruction.text.isEmpty ? [] : [instruction]) + (try AnthropicMessage.conversation(messages))
    }

    private static func sampling(_ fields: RequestFields) throws -> Sampling {
        var sampling = Sampling()
        sampling.temperature = try fields.optional("temperature", in: SamplingRange.temperature)
        sampling.topP = try fields.optional("top_p", in: SamplingRange.probability)
        sampling.topK = try fields.optional("top_k", in: SamplingRange.topK)
        sampling.maxTokens = try fields.optional("max_tokens", in: SamplingRange.tokens)
        sampling.stop = try fields.stops("stop_sequences")
        return sampling
    }
}

/// `thinking`: whether the model thinks before it answers.
private struct Thinking: Decodable {
    /// `nil` leaves it to the model.
    let isWanted: Bool?

    static let schema = Schema.object([
        .required("type", .oneOf(["enabled", "disabled", "adaptive"])),
        .optional("budget_tokens", .integer(in: SamplingRange.tokens), "Not enforced: max_tokens holds for all."),
        .optional("display", .string),
    ])

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        switch try fields.required("type", as: String.self) {
        case "enabled":
            // How much a model thinks is its own affair; `max_tokens` holds for thoughts and answer together.
            _ = try fields.optional("budget_tokens", in: SamplingRange.tokens)
            isWanted = true
        case "disabled": isWanted = false
        case "adaptive": isWanted = nil
        case let type:
            throw PoolError(.unsupported, "thinking.type: '\(type.prefix(40))' is none of enabled, disabled, adaptive")
        }
        if let display: String = try fields.optional("display"), display == "omitted" {
            throw PoolError(.unsupported, "thinking.display: thoughts are shown as they are, or the model has none")
        }
    }
}

/// `output_config`: what the answer must look like.
private struct OutputConfiguration: Decodable {
    let format: ResponseFormat?

    private static let members: [Member] = [
        .optional("format", .object([.required("type", .constant("json_schema")), .required("schema", .object)])),
        .optional("effort", .any, "Changes nothing."),
    ]

    static let schema = Schema.object(members, others: false)

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        try fields.requireKnown(Self.members, in: "output_config.")
        format = try fields.optional("format", as: Format.self).map { .schema($0.schema) }
    }

    private struct Format: Decodable {
        let schema: JSONValue

        init(from decoder: any Decoder) throws {
            let fields = try RequestFields(decoder)
            let type: String = try fields.required("type")
            guard type == "json_schema" else {
                throw PoolError(
                    .unsupported, "output_config.format.type: '\(type.prefix(40))' is not json_schema")
            }
            schema = try fields.required("schema")
            guard case .object = schema else {
                throw PoolError(.invalidRequest, "output_config.format.schema: expected an object")
            }
        }
    }
}
