import SaraiCore

extension OpenAIChatMessage {
    /// The members of a message that are read, and those that clients send back from earlier answers, where they say nothing
    /// new. All others would change what is said, so they may only be empty.
    static let members: [Member] =
        [
            .required("role", .oneOf(Message.Role.allCases.map(\.rawValue))),
            .optional("content", .any(of: .string, .list(of: OpenAIContent.part))),
            .optional("tool_calls", .list(of: call)),
            .optional("tool_call_id", .string),
            .optional("name", .string),
            .optional("reasoning_content", .string, "What the model thought before an earlier answer."),
            .optional("reasoning", .string, "The same, as newer servers name it."),
        ]
        + Member.harmless(
            "annotations", "cache_control", "id", "parsed", "phase", "provider_specific_fields", "reasoning_details",
            "status", "thinking_blocks", "type")

    static let callMembers: [Member] =
        [
            .optional("id", .string),
            .optional("type", .constant("function")),
            .required("function", .object(functionMembers)),
        ] + Member.harmless("index", "provider_specific_fields")

    static let functionMembers: [Member] =
        [.required("name", .string), .optional("arguments", .string)]
        + Member.harmless("parsed_arguments", "provider_specific_fields")

    /// What a message looks like.
    static let schema = Schema.object(members)

    private static let call = Schema.object(callMembers)
}

extension OpenAIContent {
    /// What a part of a message looks like.
    static let part = Schema.any(
        of: .object([.required("type", .oneOf(["text", "input_text", "output_text"])), .required("text", .string)]),
        .object([.required("type", .constant("refusal")), .required("refusal", .string)]),
        .object([.required("type", .constant("input_image")), .required("image_url", .string)]),
        media("image_url", "url"), media("input_audio", "data"), media("video_url", "url"))

    /// A part with a file, in base64.
    private static func media(_ type: String, _ member: String) -> Schema {
        .object([.required("type", .constant(type)), .required(type, .object([.required(member, .string)]))])
    }

    /// The members of a part that holds its content in one of them.
    static func members(of content: String) -> [Member] {
        [.required("type", .string), .required(content, .any)]
            + Member.harmless("annotations", "cache_control", "detail", "id", "logprobs")
    }

    /// The members of a file: what it is, is seen in it, and how closely it is looked at is a matter of the configuration.
    static func fileMembers(_ member: String) -> [Member] {
        [.required(member, .string)] + Member.harmless("detail", "format")
    }
}
