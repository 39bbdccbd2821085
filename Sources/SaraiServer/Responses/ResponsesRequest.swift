import SaraiCore

/// The body of `POST /v1/responses`. Nothing is stored: each request brings its whole conversation.
struct ResponsesRequest: Decodable {
    let model: ModelName
    let request: GenerationRequest
    let stream: Bool
    /// What the response repeats of its request, in the request's own words.
    let echo: JSONObject

    /// The members that are read. Only tools that OpenAI itself runs count for `max_tool_calls`.
    static let members: [Member] =
        [
            .required("model", .component("ModelName")),
            .required("input", .any(of: .string, .list(of: .object, count: 1...Int.max))),
            .optional("instructions", .string),
            .optional("max_output_tokens", .integer(in: SamplingRange.tokens)),
            .optional("temperature", .number(in: SamplingRange.temperature)),
            .optional("top_p", .number(in: SamplingRange.probability)),
            .optional("tools", .list(of: .object)),
            .optional("tool_choice", .any(of: .oneOf(["auto", "none", "required"]), .object)),
            .optional("parallel_tool_calls", .boolean),
            .optional("text", .object),
            .optional("reasoning", .object),
            .optional("stream", .boolean),
            .optional("store", .boolean, "Nothing is stored: only false."),
            .optional("background", .boolean, "Only false."),
            .optional("truncation", .oneOf(["disabled"])),
            .optional("include", .list(of: .string)),
            .optional("top_logprobs", .integer(in: SamplingRange.topLogprobs)),
            .optional("previous_response_id", .any, "Nothing is stored: only null."),
            .optional("conversation", .any, "Nothing is stored: only null."),
            .optional("prompt", .any, "Nothing is stored: only null."),
        ]
        + Member.harmless(
            "user", "metadata", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
            "max_tool_calls", "stream_options")

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        try fields.requireKnown(Self.members)
        try Self.refuseUnsupported(fields)
        model = try fields.model()
        stream = try fields.optional("stream") ?? false
        let tools = try ResponsesTools(decoder)
        let text = try fields.optional("text", as: Text.self)
        let reasoning = try fields.optional("reasoning", as: Reasoning.self)
        request = try GenerationRequest(
            prompt: .chat(try Self.messages(fields)),
            sampling: try Sampling(fields),
            tools: tools.tools.tools,
            toolChoice: tools.tools.choice,
            parallelToolCalls: tools.tools.isParallel,
            format: text?.format,
            reasoningEffort: reasoning?.effort,
            topLogprobs: try Self.topLogprobs(fields)
        ).continuingLastMessage()
        var echo: JSONObject = [
            "instructions": .null, "max_output_tokens": .null, "metadata": .object([:]),
            "parallel_tool_calls": .bool(true),
            "reasoning": .object(["effort": .null, "summary": .null]), "temperature": .null,
            "text": .object(["format": .object(["type": .string("text")])]), "tool_choice": .string("auto"),
            "tools": .array([]), "top_p": .null, "truncation": .string("disabled"), "user": .null,
        ]
        for name in echo.map(\.key) {
            echo[name] = try fields.optional(name, as: JSONValue.self) ?? echo[name]
        }
        self.echo = echo
    }

    private static func messages(_ fields: RequestFields) throws -> [Message] {
        let instructions: String? = try fields.optional("instructions")
        let system = instructions.map { [Message(role: .system, text: $0)] } ?? []
        return system + (try fields.required("input", as: ResponsesInput.self).messages)
    }

    /// What needs a memory that there is none of, or OpenAI's own services.
    private static func refuseUnsupported(_ fields: RequestFields) throws {
        for name in ["previous_response_id", "conversation"] {
            if let value: JSONValue = try fields.optional(name), value != .null {
                throw PoolError(.unsupported, "\(name): nothing is stored; send the whole conversation as input")
            }
        }
        if try fields.optional("store", as: Bool.self) == true {
            throw PoolError(.unsupported, "store: nothing is stored; leave it out")
        }
        if try fields.optional("background", as: Bool.self) == true {
            throw PoolError(.unsupported, "background: answers are made while the client waits; use stream")
        }
        if let prompt: JSONValue = try fields.optional("prompt"), prompt != .null {
            throw PoolError(.unsupported, "prompt: there are no stored prompts; send instructions and input")
        }
        if let truncation: String = try fields.optional("truncation"), truncation != "disabled" {
            throw PoolError(.unsupported, "truncation: only \"disabled\"; a conversation that is too long is refused")
        }
    }

    private static func topLogprobs(_ fields: RequestFields) throws -> Int? {
        let included = try fields.optional("include", as: [String].self) ?? []
        // Thoughts are never encrypted here, so there is nothing of that kind to include.
        let known = ["message.output_text.logprobs", "reasoning.encrypted_content"]
        if let other = included.first(where: { !known.contains($0) }) {
            throw PoolError(.unsupported, "include: '\(other.prefix(64))' is none of \(known.joined(separator: ", "))")
        }
        let count = try fields.optional("top_logprobs", in: SamplingRange.topLogprobs)
        return count ?? (included.contains(known[0]) ? 0 : nil)
    }

    private struct Text: Decodable {
        let format: ResponseFormat?

        private static let members: [Member] = [
            .optional("format", OpenAIFormat.schema), .optional("verbosity", .string),
        ]

        init(from decoder: any Decoder) throws {
            let fields = try RequestFields(decoder)
            try fields.requireKnownOrEmpty(Self.members, in: "text.")
            format = try fields.optional("format", as: OpenAIFormat.self)?.format
            if let verbosity: String = try fields.optional("verbosity"), verbosity != "medium" {
                throw PoolError(
                    .unsupported, "text.verbosity: only \"medium\"; say in the prompt how long the answer is to be")
            }
        }
    }

    private struct Reasoning: Decodable {
        let effort: ReasoningEffort?

        private static let members: [Member] = ["effort", "summary", "generate_summary"].map { .optional($0, .string) }

        init(from decoder: any Decoder) throws {
            let fields = try RequestFields(decoder)
            try fields.requireKnownOrEmpty(Self.members, in: "reasoning.")
            effort = try fields.reasoningEffort("effort")
            for name in ["summary", "generate_summary"] {
                if let summary: String = try fields.optional(name), summary != "auto" {
                    throw PoolError(.unsupported, "reasoning.\(name): thoughts are given as they are, or not at all")
                }
            }
        }
    }
}

/// The tools of a response: those of chats, written flat.
private struct ResponsesTools {
    let tools: OpenAITools

    init(_ decoder: any Decoder) throws {
        var members = JSONObject()
        for (name, value) in try decoder.singleValueContainer().decode([String: JSONValue].self)
        where ["tools", "tool_choice", "parallel_tool_calls"].contains(name) {
            members[name] = value
        }
        if case .array(let tools)? = members["tools"] {
            members["tools"] = .array(try tools.enumerated().map(Self.nested))
        }
        tools = try JSONCoding.decode(Chat.self, from: .object(members)).tools
    }

    /// A function as chats write it. OpenAI's own tools are none.
    private static func nested(_ index: Int, _ tool: JSONValue) throws(PoolError) -> JSONValue {
        guard tool["type"] == .string("function"), case .object(var function) = tool else {
            let type = tool["type"]?.stringValue ?? "none"
            throw PoolError(
                .unsupported, "tools[\(index)]: only functions are supported, not tools of type '\(type.prefix(64))'")
        }
        function["type"] = nil
        return .object(["type": .string("function"), "function": .object(function)])
    }

    private struct Chat: Decodable {
        let tools: OpenAITools

        init(from decoder: any Decoder) throws {
            tools = try OpenAITools(try RequestFields(decoder))
        }
    }
}
