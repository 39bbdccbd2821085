import SaraiCore

extension OllamaGenerationRequest {
    /// The members that an endpoint reads. Others are ignored, as Ollama ignores them.
    static func members(of kind: Kind) -> [Member] {
        switch kind {
        case .chat: members + chatOnly
        case .generate: members + generateOnly
        }
    }

    private static let chatOnly: [Member] = [
        .optional("messages", .list(of: message)),
        .tools,
    ]

    private static let generateOnly: [Member] = [
        .optional("prompt", .string),
        .optional("suffix", .string, "What stands after the gap that the model fills."),
        .optional("system", .string),
        .optional("raw", .boolean, "Whether the model gets the prompt as it is, without its template."),
        .optional("images", images),
        .optional("context", .list(of: .integer), "The conversation so far, as the answer before told it."),
        .optional("template", .any, "Refused: see the configuration's key chat_template."),
    ]

    private static let members: [Member] = [
        .optional("model", .component("ModelName")),
        .optional("name", .component("ModelName"), "The older name of `model`."),
        .optional("logprobs", .boolean),
        .optional("top_logprobs", .integer(in: SamplingRange.topLogprobs)),
        .optional("format", .any(of: .oneOf(["json", ""]), .object), "`json`, or a JSON schema."),
        .optional("think", .any(of: .boolean, .oneOf(["low", "medium", "high"]))),
        .optional("stream", .boolean, "True where it is missing."),
        .optional("keep_alive", KeepAliveField.schema),
        .optional("options", .object(OllamaOptions.members)),
    ]

    private static let message = Schema.object([
        .required("role", .oneOf(Message.Role.allCases.map(\.rawValue))),
        .optional("content", .string),
        .optional("thinking", .string, "Of an earlier answer."),
        .optional("images", images),
        .optional("tool_calls", .list(of: call)),
        .optional("tool_name", .string),
    ])

    private static let call = Schema.object([
        .required("function", .object([.required("name", .string), .optional("arguments", .any)]))
    ])

    private static let images = Schema.list(of: .string(minimum: 1)).about("Files in base64; sounds are taken too.")
}

extension OllamaOptions {
    /// The options that are honoured. Others are ignored, with a line in the log.
    static let members: [Member] =
        Member.sampling + [
            .optional("num_predict", .integer(in: -2...SamplingRange.tokens.upperBound)),
            .optional("repeat_last_n", .integer(in: SamplingRange.repeatLastN)),
            .optional("typical_p", .number(in: SamplingRange.probability)),
        ]
}

extension OllamaEmbeddingRequest {
    /// The members that are read.
    static let members: [Member] = [
        .optional("model", .component("ModelName")),
        .optional("name", .component("ModelName"), "The older name of `model`."),
        .optional("input", .oneOrMany(upTo: 2048)),
        .optional("prompt", .oneOrMany(upTo: 2048), "The older name of `input`."),
        .optional("dimensions", .integer(in: 0...SamplingRange.dimensions.upperBound)),
        .optional("truncate", .boolean, "Whether a text that is too long is cut; true where it is missing."),
        .optional("keep_alive", KeepAliveField.schema),
    ]
}

extension KeepAliveField {
    static let schema = Schema.any(of: .number, .string).about(
        "Seconds, or a duration such as `10m`; negative is for ever.")
}
