import SaraiCore

extension Member {
    /// The members that say how tokens are chosen, which OpenAI's dialect and Ollama's options share.
    static let sampling: [Member] = [
        .optional("temperature", .number(in: SamplingRange.temperature)),
        .optional("top_p", .number(in: SamplingRange.probability)),
        .optional("top_k", .integer(in: SamplingRange.topK)),
        .optional("min_p", .number(in: SamplingRange.probability)),
        .optional("seed", .integer),
        .optional("stop", .oneOrMany(upTo: SamplingRange.maximumStops), "Texts that end the answer."),
        .optional("presence_penalty", .number(in: SamplingRange.penalty)),
        .optional("frequency_penalty", .number(in: SamplingRange.penalty)),
        .optional("repeat_penalty", .number(in: SamplingRange.repeatPenalty)),
    ]

    /// Members that change nothing and may be sent by any client.
    static func harmless(_ names: String...) -> [Member] {
        names.map { .optional($0, .any, "Changes nothing.") }
    }

    /// The tools that a model may call.
    static let tools = Member.optional(
        "tools",
        .list(
            of: .object([
                .required("type", .constant("function")),
                .required(
                    "function",
                    .object([
                        .required("name", .string(minimum: 1)), .optional("description", .string),
                        .optional("parameters", .object, "A JSON schema."),
                    ])),
            ])))
}

extension Schema {
    /// A text, or a list of texts.
    static func oneOrMany(upTo maximum: Int? = nil) -> Schema {
        .any(of: .string, .list(of: .string, count: maximum.map { 0...$0 }))
    }
}
