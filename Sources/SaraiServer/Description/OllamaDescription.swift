import HTTPTypes
import SaraiCore

/// Ollama's API, as the description tells it.
enum OllamaDescription {
    static let operations: [Operation] = [
        .get("/", "Tells that the server runs, and shows its page to a browser", .text, .html),
        Operation(
            method: .head, path: "/", routed: "/", summary: "Tells that the server runs", answers: [200: [.nothing]]),
        .get("/api/version", "The daemon's version", .json(.object([.required("version", .string)]))),
        .get(
            "/api/tags", "All models and pipelines",
            .json(.object([.required("models", .list(of: .component("OllamaModel")))]))),
        .get(
            "/api/ps", "The models that are loaded",
            .json(.object([.required("models", .list(of: .component("OllamaRunningModel")))]))),
        .post(
            "/api/show", "Describes a model",
            .json(named([.optional("verbose", .boolean, "Whether long lists are told too, such as the vocabulary.")])),
            .json(.component("OllamaModelDescription"))),
        .post(
            "/api/chat", "Answers a conversation; without messages it loads the model, or unloads it",
            .json(.object(OllamaGenerationRequest.members(of: .chat))), .json(answer(in: "message", .object)), .lines),
        .post(
            "/api/generate", "Answers a prompt; without one it loads the model, or unloads it",
            .json(.object(OllamaGenerationRequest.members(of: .generate))),
            .json(answer(in: "response", .string, [.optional("context", .list(of: .integer))])), .lines),
        .post(
            "/api/embed", "Turns texts into vectors", .json(.object(OllamaEmbeddingRequest.members)),
            .json(
                .object([
                    .required("model", .string), .required("embeddings", .list(of: .list(of: .number))),
                    .required("total_duration", .integer), .required("load_duration", .integer),
                    .required("prompt_eval_count", .integer),
                ]))),
        .post(
            "/api/embeddings", "Turns a text into a vector; /api/embed took its place",
            .json(.object(OllamaEmbeddingRequest.members)),
            .json(.object([.required("embedding", .list(of: .number))]))),
        .post(
            "/api/pull", "Fetches a model from the hub that the configuration names", .json(.object(pulled)),
            .json(.object([.required("status", .string)])), .lines),
        Operation(
            method: .delete, path: "/api/delete", routed: "/api/delete",
            summary: "Removes the files of a fetched model", body: .json(.object(pulled)), answers: [200: [.nothing]]),
        .refused(.post, "/api/copy", "Refused: models are named in the configuration"),
        .refused(.post, "/api/create", "Refused: models are files that the configuration names"),
        .refused(.post, "/api/push", "Refused: Sarai publishes no models"),
        .refused(.post, "/api/blobs/{digest}", "Refused: Sarai takes no files"),
        Operation(
            method: .head, path: "/api/blobs/{digest}", routed: "/api/blobs/{digest}",
            summary: "Tells that there is no such file", answers: [404: [.nothing]]),
    ]

    static let components: [(name: String, schema: Schema)] = [
        (
            "OllamaModel",
            .object([
                .required("name", .string), .required("model", .string), .required("modified_at", .string),
                .required("size", .integer), .required("digest", .string), .required("details", .object),
                .optional("remote_model", .string), .optional("remote_host", .string),
            ])
        ),
        (
            "OllamaRunningModel",
            .object([
                .required("name", .string), .required("model", .string), .required("size", .integer),
                .required("digest", .string), .required("details", .object), .required("expires_at", .string),
                .required("size_vram", .integer), .required("context_length", .integer),
            ])
        ),
        (
            "OllamaModelDescription",
            .object([
                .required("modelfile", .string), .required("parameters", .string), .required("template", .string),
                .required("details", .object), .required("model_info", .object),
                .required("capabilities", .list(of: .string)), .required("modified_at", .string),
                .optional("license", .string),
            ])
        ),
    ]

    /// A body that names a model of the hub.
    private static let pulled: [Member] = [
        .optional("model", .string, "A model of the configuration, or hf.co/ORG/REPO."),
        .optional("name", .string, "The older name of `model`."),
        .optional("stream", .boolean), .optional("insecure", .boolean, "Only false."),
    ]

    /// A body that names a model, by its newer or its older member.
    static func named(_ members: [Member]) -> Schema {
        .object(
            [
                .optional("model", .component("ModelName")),
                .optional("name", .component("ModelName"), "The older name of `model`."),
            ] + members)
    }

    /// An answer, whose text is in a member. Times are in nanoseconds.
    private static func answer(in member: String, _ schema: Schema, _ more: [Member] = []) -> Schema {
        .object(
            [
                .required("model", .string), .required("created_at", .string), .required(member, schema),
                .required("done", .boolean), .optional("done_reason", .string), .optional("total_duration", .integer),
                .optional("load_duration", .integer), .optional("prompt_eval_count", .integer),
                .optional("prompt_eval_duration", .integer), .optional("eval_count", .integer),
                .optional("eval_duration", .integer), .optional("sarai", .component("PipelineReport")),
            ] + more)
    }
}
