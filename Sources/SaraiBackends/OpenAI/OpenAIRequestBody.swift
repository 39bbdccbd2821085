import SaraiCore

/// A ``GenerationRequest`` as OpenAI's API writes it. Every field is one that Sarai knows; nothing is passed unread.
struct OpenAIRequestBody: Encodable {
    let model: String
    let request: GenerationRequest
    /// Whether the server knows llama.cpp's and vLLM's extra sampling fields.
    let allowsExtensions: Bool
    /// Whether the server is a worker of ours, which is asked to tell which stop text ended the answer, and is told of formats
    /// where it looks for them.
    var isForWorker = false

    private enum CodingKeys: String, CodingKey {
        case model, messages, prompt, suffix, stream, tools, logprobs, verbose
        case responseFields = "response_fields"
        case streamOptions = "stream_options"
        case maxTokens = "max_tokens"
        case toolChoice = "tool_choice"
        case parallelToolCalls = "parallel_tool_calls"
        case topLogprobs = "top_logprobs"
        case reasoningEffort = "reasoning_effort"
        case responseFormat = "response_format"
        case jsonSchema = "json_schema"
        case chatTemplateArguments = "chat_template_kwargs"
        case continueFinalMessage = "continue_final_message"
        case addGenerationPrompt = "add_generation_prompt"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
        switch request.promptWithContinuation {
        case .chat(let messages):
            try container.encode(messages.map(OpenAIMessage.init), forKey: .messages)
            if request.isContinued {
                // vLLM continues nothing without these, and llama-server repeats what it continues. Both must be said.
                try container.encode(true, forKey: .continueFinalMessage)
                try container.encode(false, forKey: .addGenerationPrompt)
            }
        case .completion(let text): try container.encode(text, forKey: .prompt)
        case .infill(let prefix, let suffix):
            try container.encode(prefix, forKey: .prompt)
            try container.encode(suffix, forKey: .suffix)
        }
        // One way through the house: every answer is streamed from the target, and collected where the client wants it
        // whole, so that timeouts and failover work the same for both.
        try container.encode(true, forKey: .stream)
        try container.encode(["include_usage": true], forKey: .streamOptions)
        try container.encodeIfPresent(request.sampling.maxTokens, forKey: .maxTokens)
        try OpenAISampling(sampling: request.sampling, allowsExtensions: allowsExtensions).encode(to: encoder)
        if isForWorker, !request.sampling.stop.isEmpty {
            // The engine tells which one it was only where it tells everything, which the second member reduces to that.
            try container.encode(true, forKey: .verbose)
            try container.encode([OpenAIChunk.Details.stopMember], forKey: .responseFields)
        }
        try encodeTools(into: &container)
        try encodeLogprobs(into: &container)
        try encodeFormat(into: &container)
        try container.encodeIfPresent(request.reasoningEffort?.rawValue, forKey: .reasoningEffort)
        let thinking = request.thinking ?? request.reasoningEffort.map { $0 != .off }
        if let thinking, allowsExtensions {
            try container.encode(["enable_thinking": thinking], forKey: .chatTemplateArguments)
        }
    }

    private func encodeTools(into container: inout KeyedEncodingContainer<CodingKeys>) throws {
        guard !request.tools.isEmpty else {
            return
        }
        try container.encode(request.offeredTools, forKey: .tools)
        try container.encodeIfPresent(request.parallelToolCalls, forKey: .parallelToolCalls)
        let choice: String? =
            switch request.toolChoice {
            case nil: nil
            case .auto: "auto"
            case .never: "none"
            // llama-server takes no name here, and would ignore it; the one tool that is offered says the same.
            case .required, .function: "required"
            }
        try container.encodeIfPresent(choice, forKey: .toolChoice)
    }

    private func encodeFormat(into container: inout KeyedEncodingContainer<CodingKeys>) throws {
        guard let format = request.format else {
            return
        }
        switch request.prompt {
        case .completion where isForWorker, .infill where isForWorker:
            // llama-server reads response_format in chats alone.
            try container.encode(format.schema, forKey: .jsonSchema)
        case .chat, .completion, .infill:
            try container.encode(OpenAIResponseFormat(format: format), forKey: .responseFormat)
        }
    }

    private func encodeLogprobs(into container: inout KeyedEncodingContainer<CodingKeys>) throws {
        guard let count = request.topLogprobs else {
            return
        }
        // llama-server tells nothing at all where no alternatives are asked for.
        let asked = max(1, count)
        guard case .chat = request.promptWithContinuation else {
            return try container.encode(asked, forKey: .logprobs)
        }
        try container.encode(true, forKey: .logprobs)
        try container.encode(asked, forKey: .topLogprobs)
    }
}

extension ResponseFormat {
    /// The format as a JSON schema, which is what llama-server takes outside of chats.
    var schema: JSONValue {
        switch self {
        case .json: .object(["type": .string("object")])
        case .schema(let schema): schema
        }
    }
}

extension GenerationRequest {
    /// The tools that the model may call: all of them, or the one that it must.
    var offeredTools: [JSONValue] {
        guard case .function(let name) = toolChoice else {
            return tools
        }
        return tools.filter { $0["function"]?["name"]?.stringValue == name }
    }
}

/// A message as OpenAI's API writes it.
private struct OpenAIMessage: Encodable {
    let message: Message

    private enum CodingKeys: String, CodingKey {
        case role, content
        case toolCalls = "tool_calls"
        case toolCallID = "tool_call_id"
        case reasoning = "reasoning_content"
        case name
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(message.role, forKey: .role)
        if message.media.isEmpty {
            try container.encode(message.text, forKey: .content)
        } else {
            try container.encode(message.content.map(OpenAIPart.init), forKey: .content)
        }
        try container.encodeIfPresent(message.thinking, forKey: .reasoning)
        if !message.toolCalls.isEmpty {
            try container.encode(message.toolCalls.map(OpenAIToolCall.init), forKey: .toolCalls)
        }
        try container.encodeIfPresent(message.toolCallID, forKey: .toolCallID)
        try container.encodeIfPresent(message.toolName, forKey: .name)
    }
}

/// A piece of content as OpenAI's API writes it.
private struct OpenAIPart: Encodable {
    let part: Message.Part

    private enum CodingKeys: String, CodingKey {
        case type, text, url, data, format
        case imageURL = "image_url"
        case inputAudio = "input_audio"
        case videoURL = "video_url"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch part {
        case .text(let text):
            try container.encode("text", forKey: .type)
            try container.encode(text, forKey: .text)
        case .media(let media) where media.kind == .audio:
            try container.encode("input_audio", forKey: .type)
            var audio = container.nestedContainer(keyedBy: CodingKeys.self, forKey: .inputAudio)
            try audio.encode(media.base64, forKey: .data)
            try audio.encode(media.format.rawValue, forKey: .format)
        case .media(let media) where media.kind == .video:
            // As vLLM and llama-server have it; OpenAI itself takes none.
            try container.encode("video_url", forKey: .type)
            var video = container.nestedContainer(keyedBy: CodingKeys.self, forKey: .videoURL)
            try video.encode("data:video/\(media.format.rawValue);base64,\(media.base64)", forKey: .url)
        case .media(let media):
            try container.encode("image_url", forKey: .type)
            var image = container.nestedContainer(keyedBy: CodingKeys.self, forKey: .imageURL)
            try image.encode("data:image/\(media.format.rawValue);base64,\(media.base64)", forKey: .url)
        }
    }
}

/// A tool call as OpenAI's API writes it.
private struct OpenAIToolCall: Encodable {
    let id: String
    let type = "function"
    let function: Function

    struct Function: Encodable {
        let name: String
        let arguments: String
    }

    init(_ call: ToolCall) {
        id = call.id
        function = Function(name: call.name, arguments: call.arguments)
    }
}

/// `response_format` as OpenAI's API writes it.
private struct OpenAIResponseFormat: Encodable {
    let format: ResponseFormat

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch format {
        case .json:
            try container.encode("json_object", forKey: .type)
        case .schema(let schema):
            try container.encode("json_schema", forKey: .type)
            var wrapper = container.nestedContainer(keyedBy: CodingKeys.self, forKey: .jsonSchema)
            try wrapper.encode("answer", forKey: .name)
            try wrapper.encode(true, forKey: .strict)
            try wrapper.encode(schema, forKey: .schema)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case type, name, strict, schema
        case jsonSchema = "json_schema"
    }
}
