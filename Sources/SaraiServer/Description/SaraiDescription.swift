import SaraiCore
import SaraiPool

/// Sarai's own API, as the description tells it, and what all APIs share.
enum SaraiDescription {
    static let operations: [Operation] = [
        .get("/health", "Tells that the daemon is alive", .json(.object([.required("status", .constant("ok"))]))),
        .get("/ready", "Tells whether all resident models are loaded, and requests are taken", .json(readiness))
            .answering(503, .json(readiness)),
        .get("/ui/{file}", "A file of the web page", .file),
        .get("/metrics", "What was counted and measured, for Prometheus", .text),
        .get("/openapi.json", "This description", .json(.object)),
        .get("/api/pool/state", "What is loaded, what it takes, who waits", .json(.component("PoolState"))),
        .get(
            "/api/pool/events", "What happens in the pool, as it happens",
            parameters: [
                .init(name: "model", schema: .component("ModelName"), about: "only what concerns this model"),
                .init(name: "after", schema: .integer(in: 0...Int.max), about: "only what came after this event"),
                .init(name: "follow", schema: .boolean, about: "false ends the stream after what has happened"),
            ], .events),
        .get(
            "/api/pool/plan", "What the models will take, and how each is loaded",
            parameters: [
                .init(
                    name: "scenario", schema: .oneOf(PlanScenario.allCases.map(\.rawValue)),
                    about: "which servers are thought to be away")
            ], .json(.object)),
        .post(
            "/api/pool/load", "Makes a model available", .json(PoolRoutes.loadBody),
            .json(.object([.required("model", .string), .required("target", .string)]))),
        .post(
            "/api/pool/unload",
            "Unloads a model's workers when their requests are done, and has servers with Ollama's API unload it",
            .json(PoolRoutes.loadBody),
            .json(.object([.required("model", .string)]))),
        .post("/api/pool/pin", "Protects a model from being unloaded for others", .json(PoolRoutes.loadBody), pinned),
        .post("/api/pool/unpin", "Protects it no longer", .json(PoolRoutes.loadBody), pinned),
        .post(
            "/api/pool/reload", "Reads the configuration again", .json(ReloadRoutes.body),
            .json(.object([.required("file", .string), .required("dry_run", .boolean)]))
        )
        .answering(
            422, .json(.object([.required("error", .string), .required("problems", .list(of: .object))]))),
        .post(
            "/api/pool/route", "Tells who would answer a text, and why", .json(RouterRoutes.body),
            .json(
                .object([
                    .required("pipeline", .string), .required("reason", .string), .required("abstained", .boolean),
                    .required("milliseconds", .number), .optional("hard", .number), .optional("soft", .number),
                    .optional("web_query", .number), .optional("alpha", .number), .optional("beta", .number),
                ]))),
        .post(
            "/api/pool/prefetch", "Loads what a text that is still being typed will need", .json(RouterRoutes.body),
            .json(
                .object([
                    .required("hard", .number), .required("soft", .number), .required("web_query", .number),
                    .required("reason", .string), .required("models", .list(of: .string)),
                    .required("loading", .list(of: .string)),
                ]))),
    ]

    static let components: [(name: String, schema: Schema)] = [
        ("Error", .object([.required("error", .string, "What is wrong, where, and what to do.")])),
        (
            "ModelName",
            .string(pattern: "^[A-Za-z0-9](?!.*\\.\\.)[A-Za-z0-9._/:-]*$", maximum: 128)
                .about("A model of the configuration, or a pipeline such as sarai:auto.")
        ),
        (
            "PipelineReport",
            .object([
                .required("name", .string),
                .optional("choice", .string, "Why the router chose it."),
                .required("steps", .list(of: .component("PipelineStep"))),
            ])
        ),
        (
            "PipelineStep",
            .object([
                .required("name", .string), .required("outcome", .oneOf(["done", "skipped", "failed"])),
                .optional("by", .string), .optional("reason", .string), .required("seconds", .number),
                .optional("result", .string), .required("prompt_tokens", .integer),
                .required("completion_tokens", .integer),
            ])
        ),
        (
            "PoolState",
            .object([
                .required("budget_bytes", .integer), .required("reserved_bytes", .integer),
                .required("resident_bytes", .integer), .required("hard_bytes", .integer),
                .required("machine_bytes", .integer), .required("daemon_bytes", .integer),
                .required("pressure", .oneOf(["calm", "stop_admitting", "evict"])), .required("cores", .object),
                .required("models", .list(of: .component("PoolModel"))),
            ])
        ),
        (
            "PoolModel",
            .object([
                .required("name", .string), .required("role", .string), .required("state", state),
                .required("target", .string), .required("targets", .list(of: .component("PoolTarget"))),
                .required("in_flight", .integer), .required("queued", .integer),
                .required("queue", .list(of: .object)), .required("resident", .boolean),
                .required("pinned", .boolean), .required("held", .boolean),
                .required("measured_bytes", .integer), .optional("predicted_bytes", .integer),
                .optional("pid", .integer), .optional("settings", .string), .optional("expires_in", .number),
            ])
        ),
        (
            "PoolTarget",
            .object([
                .required("id", .string), .required("kind", .string), .required("state", state),
                .optional("reason", .string), .optional("progress", .number), .optional("pid", .integer),
                .required("in_flight", .integer), .required("capacity", .integer),
            ])
        ),
    ]

    private static let readiness = Schema.object([
        .required("status", .oneOf(["ready", "loading", "draining"])),
        .required("missing", .list(of: .string), "The resident models that are not loaded."),
    ])

    private static let pinned = Operation.Content.json(
        .object([.required("model", .string), .required("pinned", .boolean)]))

    private static let state = Schema.oneOf(["unloaded", "loading", "ready", "draining", "failed"])
}
