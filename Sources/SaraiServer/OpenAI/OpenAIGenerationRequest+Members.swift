import SaraiCore

extension OpenAIGenerationRequest {
    /// The members that chats and completions share.
    static let members: [Member] =
        [
            .required("model", .component("ModelName")),
            .optional("stream", .boolean),
            .optional("stream_options", .object(streamOptions), "Together with stream."),
            .optional("max_tokens", .integer(in: SamplingRange.tokens)),
            .optional("max_completion_tokens", .integer(in: SamplingRange.tokens)),
            .optional("n", .integer(in: 1...maximumChoices)),
            .optional("logit_bias", .table(of: .number(in: -100...100)), "By the numbers of tokens."),
            .optional("response_format", OpenAIFormat.schema),
            .optional("repetition_penalty", .number(in: SamplingRange.repeatPenalty), "vLLM's name of repeat_penalty."),
            .optional("continue_final_message", .boolean, "An answer that is begun is always continued."),
            .optional("add_generation_prompt", .boolean),
            .optional("store", .boolean, "Nothing is stored: only false."),
            .optional("modalities", .list(of: .string), "Only text."),
            .optional("verbosity", .string, "Only medium."),
        ] + Member.sampling
        + Member.harmless(
            "user", "metadata", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
            "prediction")

    /// The members of chats alone.
    static let chatOnly: [Member] = [
        .optional("messages", messages),
        .optional("logprobs", .boolean),
        .optional("top_logprobs", .integer(in: SamplingRange.topLogprobs)),
        .tools,
        .optional("tool_choice", .any(of: .oneOf(["auto", "none", "required"]), .object)),
        .optional("parallel_tool_calls", .boolean),
        .optional("reasoning_effort", .string),
    ]

    /// The members of `stream_options`. Nothing is padded here, so there is no padding to be left out.
    static let streamOptions: [Member] = [.optional("include_usage", .boolean)] + Member.harmless("include_obfuscation")

    /// The members of completions alone.
    static let completionOnly: [Member] = [
        .optional("prompt", .oneOrMany()),
        .optional("logprobs", .integer(in: SamplingRange.topLogprobs)),
        .optional("suffix", .string),
        .optional("echo", .boolean),
        .optional("best_of", .integer, "Only the same number as n."),
    ]

    /// The body of a chat.
    static let chatSchema = Schema.object(
        [.required("messages", messages)] + members + chatOnly.dropFirst(), others: false)
    /// The body of a completion.
    static let completionSchema = Schema.object(
        [.required("prompt", .oneOrMany())] + members + completionOnly.dropFirst(), others: false)

    private static let messages = Schema.list(of: OpenAIChatMessage.schema, count: 1...Int.max)
}

extension OpenAIFormat {
    static let schema = Schema.any(
        of: .object([.required("type", .oneOf(["text", "json_object"]))]),
        .object([
            .required("type", .constant("json_schema")),
            .required("json_schema", .object([.required("schema", .object)])),
        ]))
}

extension OpenAIEmbeddingRequest {
    /// The members that are read.
    static let members: [Member] =
        [
            .required("model", .component("ModelName")),
            .required("input", .any(of: .string(minimum: 1), .list(of: .string(minimum: 1), count: 1...2048))),
            .optional("encoding_format", .oneOf(["float", "base64"])),
            .optional("dimensions", .integer(in: SamplingRange.dimensions)),
        ] + Member.harmless("user")
}

extension TranscriptionRoutes {
    /// The form.
    static let schema = Schema.object([
        .required("file", .string(format: "binary"), "A wav, mp3 or flac file."),
        .optional("model", .string), .optional("language", .string), .optional("prompt", .string(maximum: 4096)),
        .optional("response_format", .oneOf(TranscriptionFormat.allCases.map(\.rawValue))),
    ])
}
