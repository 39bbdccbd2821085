/// A request for text, whatever dialect it came in.
public struct GenerationRequest: Hashable, Sendable {
    /// What the model is given.
    public enum Prompt: Hashable, Sendable {
        /// A conversation, rendered with the model's chat template.
        case chat([Message])
        /// Text that the model continues as it stands, no template.
        case completion(String)
        /// A gap in a text, which the model fills: what stands before it and after it.
        case infill(prefix: String, suffix: String)
    }

    /// What the model is given.
    public var prompt: Prompt
    /// What the answer begins with, as it was written so far; the answer is what follows it, and does not repeat it. `nil`
    /// where the answer begins at its beginning.
    public var continuation: String?
    /// How tokens are chosen and when to stop.
    public var sampling: Sampling
    /// Tool definitions in OpenAI's schema, carried as they are.
    public var tools: [JSONValue]
    /// Whether tools are to be called; `nil` leaves it to the model, as ``ToolChoice/auto`` does.
    public var toolChoice: ToolChoice?
    /// Whether one answer may call several tools; `nil` leaves it to the target.
    public var parallelToolCalls: Bool?
    /// What the answer must look like.
    public var format: ResponseFormat?
    /// Whether a reasoning model thinks first; `nil` leaves it to the model.
    public var thinking: Bool?
    /// How much a reasoning model thinks, where its template knows levels; `nil` leaves it to the model.
    public var reasoningEffort: ReasoningEffort?
    /// How many alternatives are told for each token, with their probabilities; 0 tells those of the tokens alone, `nil` nothing.
    public var topLogprobs: Int?
    /// How long a server that loads models by itself is to keep this one afterwards; `nil` leaves it to the server.
    public var keepAlive: KeepAlive?

    /// A request.
    public init(
        prompt: Prompt, continuation: String? = nil, sampling: Sampling = Sampling(), tools: [JSONValue] = [],
        toolChoice: ToolChoice? = nil, parallelToolCalls: Bool? = nil, format: ResponseFormat? = nil,
        thinking: Bool? = nil, reasoningEffort: ReasoningEffort? = nil, topLogprobs: Int? = nil
    ) {
        self.prompt = prompt
        self.continuation = continuation
        self.sampling = sampling
        self.tools = tools
        self.toolChoice = toolChoice
        self.parallelToolCalls = parallelToolCalls
        self.format = format
        self.thinking = thinking
        self.reasoningEffort = reasoningEffort
        self.topLogprobs = topLogprobs
    }

    /// All images and sounds in the request, in order.
    public var media: [Media] {
        guard case .chat(let messages) = prompt else {
            return []
        }
        return messages.flatMap(\.media)
    }

    /// The request, in which a plain assistant message at the end of a conversation is what the answer begins with.
    ///
    /// It means the same: an answer that is begun is continued. A conversation of that message alone stays as it is.
    ///
    /// - Throws: ``PoolError`` with `unsupported` where that message brings its thoughts: between them and the answer that is
    ///   continued there would be no telling.
    public func continuingLastMessage() throws(PoolError) -> GenerationRequest {
        guard continuation == nil, case .chat(var messages) = prompt, messages.count > 1,
            let last = messages.popLast(), last.role == .assistant, last.toolCalls.isEmpty, last.media.isEmpty
        else {
            return self
        }
        guard last.thinking == nil else {
            throw PoolError(
                .unsupported,
                "messages: an assistant message at the end is continued, which it cannot be after its thoughts; "
                    + "leave them out (thinking, reasoning_content)")
        }
        var request = self
        request.prompt = .chat(messages)
        request.continuation = last.text.isEmpty ? nil : last.text
        return request
    }
}

/// The shape that an answer must have.
public enum ResponseFormat: Hashable, Sendable {
    /// Any JSON object.
    case json
    /// JSON that fits a JSON schema.
    case schema(JSONValue)
}

/// Whether a model calls tools.
public enum ToolChoice: Hashable, Sendable {
    /// It decides.
    case auto
    /// It answers with text.
    case never
    /// It calls one or more.
    case required
    /// It calls this one.
    case function(String)
}

/// How much a reasoning model thinks.
public enum ReasoningEffort: String, Hashable, Sendable, CaseIterable {
    case off = "none"
    case minimal, low, medium, high
}

/// How tokens are chosen and when generation stops. `nil` leaves a value to the target.
public struct Sampling: Hashable, Sendable {
    /// 0 is greedy; 0…5.
    public var temperature: Double?
    /// Nucleus probability, 0…1.
    public var topP: Double?
    /// Candidates kept, 0 (all) and up.
    public var topK: Int?
    /// Candidates below this share of the best are dropped, 0…1.
    public var minP: Double?
    /// For reproducible sampling.
    public var seed: Int?
    /// Tokens generated at most.
    public var maxTokens: Int?
    /// Texts that end the answer; they are not part of it.
    public var stop: [String] = []
    /// −2…2.
    public var presencePenalty: Double?
    /// −2…2.
    public var frequencyPenalty: Double?
    /// Penalty on repeated tokens; 1 is none.
    public var repeatPenalty: Double?
    /// How many tokens back a repetition is looked for; 0 is nowhere, −1 the whole context.
    public var repeatLastN: Int?
    /// Typical probability, 0…1; 1 is off.
    public var typicalP: Double?
    /// What is added to the scores of tokens, by their numbers in the model's vocabulary: −100 (never) … 100 (always).
    public var logitBias: [Int: Double] = [:]

    /// Everything left to the target.
    public init() {}
}
