import HTTPTypes
import SaraiCore

/// OpenAI's API, as the description tells it.
enum OpenAIDescription {
    static let operations: [Operation] = [
        .get(
            "/v1/models", "All models and pipelines",
            .json(
                .object([
                    .required("object", .constant("list")), .required("data", .list(of: .component("OpenAIModel"))),
                    .required("has_more", .boolean), .required("first_id", Schema.string.orNull),
                    .required("last_id", Schema.string.orNull),
                ]))),
        .get("/v1/models/{model}", routed: "/v1/models/**", "A model", .json(.component("OpenAIModel"))),
        .post(
            "/v1/chat/completions", "Answers a conversation", .json(OpenAIGenerationRequest.chatSchema),
            .json(.component("OpenAIChatAnswer")), .events),
        .post(
            "/v1/completions", "Continues a text", .json(OpenAIGenerationRequest.completionSchema),
            .json(.component("OpenAICompletionAnswer")), .events),
        .post(
            "/v1/embeddings", "Turns texts into vectors",
            .json(.object(OpenAIEmbeddingRequest.members, others: false)),
            .json(
                .object([
                    .required("object", .constant("list")), .required("model", .string),
                    .required("data", .list(of: vector)), .required("usage", .object),
                ]))),
        .post(
            "/v1/responses", "Answers a conversation, in OpenAI's newer words",
            .json(.object(ResponsesRequest.members, others: false)), .json(.component("OpenAIResponse")), .events),
        .post("/v1/rerank", "Orders documents by what they have to say to a query", rerank, reranked),
        .post("/v1/reranking", "The same as /v1/rerank", rerank, reranked),
        .refused(.get, "/v1/responses/{id}", nothingStored),
        .refused(.delete, "/v1/responses/{id}", nothingStored),
        .refused(.get, "/v1/responses/{id}/input_items", nothingStored),
        .refused(.post, "/v1/responses/{id}/cancel", nothingStored),
        .refused(.post, "/v1/audio/speech", "Refused: Sarai runs no model that speaks"),
        .post(
            "/v1/audio/transcriptions", "Turns speech into text", .form(TranscriptionRoutes.schema),
            .json(.object([.required("text", .string)])), .text),
    ]

    static let components: [(name: String, schema: Schema)] = [
        (
            "OpenAIError",
            .object([
                .required(
                    "error",
                    .object([
                        .required("message", .string), .required("type", .string), .required("code", .string),
                        .required("param", Schema.string.orNull),
                    ]))
            ])
        ),
        (
            "OpenAIModel",
            .object([
                .required("id", .string), .required("object", .constant("model")), .required("created", .integer),
                .required("owned_by", .string), .required("type", .constant("model")),
                .required("display_name", .string), .required("created_at", .string),
            ])
        ),
        (
            "OpenAIUsage",
            .object([
                .required("prompt_tokens", .integer), .required("completion_tokens", .integer),
                .required("total_tokens", .integer),
            ])
        ),
        (
            "OpenAIResponse",
            .object([
                .required("id", .string), .required("object", .constant("response")),
                .required("created_at", .integer), .required("model", .string),
                .required("status", .oneOf(["completed", "incomplete"])), .required("output", .list(of: .object)),
                .required("usage", .object),
            ])
        ),
        ("OpenAIChatAnswer", answer("chat.completion", .required("message", message))),
        ("OpenAICompletionAnswer", answer("text_completion", .required("text", .string))),
    ]

    private static let nothingStored = "Refused: responses are not stored"

    private static let rerank = Operation.Content.json(.object(RerankBody.members, others: false))

    private static let reranked = Operation.Content.json(
        .object([
            .required("object", .constant("list")), .required("model", .string),
            .required(
                "results",
                .list(of: .object([.required("index", .integer), .required("relevance_score", .number)]))),
            .required("usage", .object),
        ]))

    private static let message = Schema.object([
        .required("role", .constant("assistant")), .required("content", Schema.string.orNull),
        .optional("reasoning_content", .string), .optional("tool_calls", .list(of: call)),
    ])

    private static let call = Schema.object([
        .required("id", .string), .required("type", .constant("function")),
        .required("function", .object([.required("name", .string), .required("arguments", .string)])),
    ])

    private static let vector = Schema.object([
        .required("object", .constant("embedding")), .required("index", .integer),
        .required("embedding", .any(of: .list(of: .number), .string)),
    ])

    /// An answer whose choices have this member.
    private static func answer(_ object: String, _ content: Member) -> Schema {
        let choice = Schema.object([
            .required("index", .integer), content,
            .required("finish_reason", .oneOf(["stop", "length", "tool_calls"])),
        ])
        return .object([
            .required("id", .string), .required("object", .constant(object)), .required("created", .integer),
            .required("model", .string), .required("choices", .list(of: choice)),
            .required("usage", .component("OpenAIUsage")),
            .optional("sarai", .component("PipelineReport"), "What the pipeline did whose answer this is."),
        ])
    }
}
