import SaraiCore

/// The body of `POST /v1/chat/completions` and, with `prompt` instead of `messages`, of `POST /v1/completions`.
struct OpenAIGenerationRequest: Decodable {
    /// One of the answers that are asked for.
    struct Choice {
        let request: GenerationRequest
        /// What stands before the answer: the prompt, with `echo`.
        let echo: String
        /// Whether the tokens of its prompt are told with another choice.
        let sharesPrompt: Bool
    }

    let model: ModelName
    /// `n` answers to each prompt. Never empty.
    let choices: [Choice]
    let stream: Bool
    let includesUsage: Bool

    /// The first answer's request.
    var request: GenerationRequest { choices[0].request }

    /// Each takes a slot of its target for as long as it is made.
    static let maximumChoices = 8

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        try Self.checkNames(fields)
        try Self.refuseUnsupported(fields)
        model = try fields.model()
        let isStream = try fields.optional("stream", as: Bool.self) ?? false
        stream = isStream
        let options = try fields.optional("stream_options", as: StreamOptions.self)
        guard options == nil || isStream else {
            throw PoolError(.invalidRequest, "stream_options: only together with stream")
        }
        includesUsage = options?.includesUsage ?? false
        let tools = try OpenAITools(fields)
        let template = GenerationRequest(
            prompt: .completion(""),
            sampling: try Sampling(fields),
            tools: tools.tools,
            toolChoice: tools.choice,
            parallelToolCalls: tools.isParallel,
            format: try fields.optional("response_format", as: OpenAIFormat.self)?.format,
            reasoningEffort: try fields.reasoningEffort("reasoning_effort"),
            topLogprobs: try Self.topLogprobs(fields))
        choices = try Self.choices(template, fields)
        for choice in choices {
            try Self.checkContinuation(fields, of: choice.request)
        }
    }

    private static func checkNames(_ fields: RequestFields) throws {
        let isChat = !fields.names.contains("prompt")
        let (own, others) = isChat ? (chatOnly, completionOnly) : (completionOnly, chatOnly)
        // Both have `logprobs`, each of another kind.
        let foreign = Set(others.map(\.name)).subtracting(own.map(\.name))
        if let name = fields.names.sorted().first(where: foreign.contains) {
            throw PoolError(
                .invalidRequest, "\(name): only for \(isChat ? "/v1/completions" : "/v1/chat/completions")")
        }
        try fields.requireKnown(members + own)
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

    /// Values that would change the answer in ways that nobody here can.
    private static func refuseUnsupported(_ fields: RequestFields) throws {
        if let count: Int = try fields.optional("best_of"), count != (try fields.optional("n") ?? 1) {
            throw PoolError(.unsupported, "best_of: only the same number as n; all answers are given")
        }
        if try fields.optional("store", as: Bool.self) == true {
            throw PoolError(.unsupported, "store: nothing is stored; leave it out")
        }
        if let modalities: [String] = try fields.optional("modalities"), modalities != ["text"] {
            throw PoolError(.unsupported, "modalities: only [\"text\"]")
        }
        if let verbosity: String = try fields.optional("verbosity"), verbosity != "medium" {
            throw PoolError(.unsupported, "verbosity: only \"medium\"; say in the prompt how long the answer is to be")
        }
    }

    /// In chats a switch and a number; in completions the number alone.
    private static func topLogprobs(_ fields: RequestFields) throws -> Int? {
        guard !fields.names.contains("prompt") else {
            return try fields.optional("logprobs", in: SamplingRange.topLogprobs)
        }
        let count = try fields.optional("top_logprobs", in: SamplingRange.topLogprobs)
        guard try fields.optional("logprobs", as: Bool.self) == true else {
            guard count == nil || count == 0 else {
                throw PoolError(.invalidRequest, "top_logprobs: only together with \"logprobs\": true")
            }
            return nil
        }
        return count ?? 0
    }

    private static func choices(_ template: GenerationRequest, _ fields: RequestFields) throws -> [Choice] {
        let count = try fields.optional("n", in: 1...maximumChoices) ?? 1
        let prompts = try prompts(fields)
        guard prompts.count * count <= maximumChoices else {
            throw PoolError(
                .unsupported,
                "prompt: \(prompts.count) prompts with \(count) answers each are more than \(maximumChoices) answers; "
                    + "send several requests")
        }
        let echoes = try fields.optional("echo", as: Bool.self) ?? false
        guard !echoes || template.topLogprobs == nil else {
            throw PoolError(.unsupported, "echo: the probabilities of the prompt's tokens are not told (logprobs)")
        }
        return try prompts.flatMap { prompt in
            try (0..<count).map { number in
                var request = template
                request.prompt = prompt
                // The same seed would make the same answer again.
                request.sampling.seed = template.sampling.seed.map { $0 &+ number }
                return Choice(
                    request: try request.continuingLastMessage(), echo: echoes ? prompt.text : "",
                    sharesPrompt: number > 0)
            }
        }
    }

    private static func prompts(_ fields: RequestFields) throws -> [GenerationRequest.Prompt] {
        guard !fields.names.contains("prompt") else {
            guard let prompts = try? fields.strings("prompt") else {
                throw PoolError(
                    .unsupported, "prompt: expected a text or a list of texts; token numbers are not supported")
            }
            guard !prompts.isEmpty else {
                throw PoolError(.invalidRequest, "prompt: at least one prompt is needed")
            }
            guard let suffix: String = try fields.optional("suffix"), !suffix.isEmpty else {
                return prompts.map(GenerationRequest.Prompt.completion)
            }
            return prompts.map { .infill(prefix: $0, suffix: suffix) }
        }
        guard let messages: [OpenAIChatMessage] = try fields.optional("messages") else {
            throw PoolError(.invalidRequest, "messages: missing (for /v1/completions: prompt)")
        }
        guard !messages.isEmpty else {
            throw PoolError(.invalidRequest, "messages: at least one message is needed")
        }
        return [.chat(messages.map(\.message))]
    }

    private struct StreamOptions: Decodable {
        let includesUsage: Bool

        init(from decoder: any Decoder) throws {
            let fields = try RequestFields(decoder)
            try fields.requireKnownOrEmpty(OpenAIGenerationRequest.streamOptions, in: "stream_options.")
            includesUsage = try fields.optional("include_usage") ?? false
        }
    }
}

extension GenerationRequest.Prompt {
    /// The text before the answer, as the client wrote it.
    fileprivate var text: String {
        switch self {
        case .chat: ""
        case .completion(let text), .infill(let text, _): text
        }
    }
}
