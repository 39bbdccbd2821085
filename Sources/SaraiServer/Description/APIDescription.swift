import HTTPTypes
import SaraiCore

/// The description of all routes, as OpenAPI 3.1 has it. It is made of the tables by which requests are read.
struct APIDescription: Sendable {
    /// The daemon's version.
    let version: String

    /// Every route that the server has.
    static let operations: [Operation] =
        SaraiDescription.operations + OllamaDescription.operations + OpenAIDescription.operations
        + AnthropicDescription.operations

    /// The schemas that several operations share.
    static let components: [(name: String, schema: Schema)] =
        SaraiDescription.components + OllamaDescription.components + OpenAIDescription.components
        + AnthropicDescription.components

    /// The whole document.
    var document: JSONValue {
        var paths: [(path: String, operations: [(String, JSONValue?)])] = []
        for operation in Self.operations {
            let entry = (operation.method.rawValue.lowercased(), operation.described as JSONValue?)
            if let place = paths.firstIndex(where: { $0.path == operation.path }) {
                paths[place].operations.append(entry)
            } else {
                paths.append((operation.path, [entry]))
            }
        }
        return .members([
            ("openapi", .string("3.1.0")),
            (
                "info",
                .members([
                    ("title", .string("Sarai")),
                    ("version", .string(version)),
                    ("description", .string(Self.introduction)),
                    ("license", .members([("name", .string("Apache-2.0")), ("identifier", .string("Apache-2.0"))])),
                ])
            ),
            ("paths", .members(paths.map { ($0.path, .members($0.operations)) })),
            (
                "components",
                .members([
                    ("schemas", .members(Self.components.map { ($0.name, $0.schema.json) })),
                    ("securitySchemes", Self.keys),
                ])
            ),
            // The first says that a daemon without keys takes everybody of its own machine.
            (
                "security",
                .array([.members([]), .members([("bearer", .array([]))]), .members([("header", .array([]))])])
            ),
        ])
    }

    /// The ways to bring a key.
    private static let keys = JSONValue.members([
        ("bearer", .members([("type", .string("http")), ("scheme", .string("bearer"))])),
        (
            "header",
            .members([("type", .string("apiKey")), ("in", .string("header")), ("name", .string("x-api-key"))])
        ),
    ])

    private static let introduction = """
        Several language models within one memory budget, over the APIs of Ollama, OpenAI and Anthropic. A POST needs the \
        header Content-Type: application/json. The answer's header X-Sarai-Target names the target that answered, and \
        X-Sarai-Route says why that one.
        """
}
