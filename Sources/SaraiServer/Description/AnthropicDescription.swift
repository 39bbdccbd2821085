import SaraiCore

/// Anthropic's API, as the description tells it.
enum AnthropicDescription {
    static let operations: [Operation] = [
        .post(
            "/v1/messages", "Answers a conversation", .json(AnthropicRequest.schema(needsLimit: true)),
            .json(.component("AnthropicMessage")), .events),
        .post(
            "/v1/messages/count_tokens", "Counts the tokens of a conversation, exactly as the model's worker does",
            .json(AnthropicRequest.schema(needsLimit: false)),
            .json(.object([.required("input_tokens", .integer(in: 0...Int.max))]))),
    ]

    static let components: [(name: String, schema: Schema)] = [
        (
            "AnthropicError",
            .object([
                .required("type", .constant("error")),
                .required("error", .object([.required("type", .string), .required("message", .string)])),
                .required("request_id", .string),
            ])
        ),
        (
            "AnthropicMessage",
            .object([
                .required("id", .string),
                .required("type", .constant("message")),
                .required("role", .constant("assistant")),
                .required("model", .string),
                .required("content", .list(of: .component("AnthropicBlock"))),
                .required("stop_reason", .oneOf(["end_turn", "max_tokens", "stop_sequence", "tool_use"])),
                .required("stop_sequence", Schema.string.orNull),
                .required(
                    "usage", .object([.required("input_tokens", .integer), .required("output_tokens", .integer)])),
                .optional("sarai", .component("PipelineReport"), "What the pipeline did whose answer this is."),
            ])
        ),
        (
            "AnthropicBlock",
            .any(
                of:
                    .object([.required("type", .constant("text")), .required("text", .string)]),
                .object([
                    .required("type", .constant("thinking")), .required("thinking", .string),
                    .required("signature", .string),
                ]),
                .object([
                    .required("type", .constant("tool_use")), .required("id", .string), .required("name", .string),
                    .required("input", .object),
                ]))
        ),
    ]
}
