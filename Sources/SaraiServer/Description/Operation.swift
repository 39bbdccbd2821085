import HTTPTypes
import SaraiCore

/// A route, as the description of the API tells it.
struct Operation: Sendable {
    let method: HTTPRequest.Method
    /// The path, with the names of its parameters: `/v1/models/{model}`.
    let path: String
    /// The path as the router has it: `/v1/models/**`.
    let routed: String
    /// What it does, in a sentence.
    let summary: String
    /// The parameters in the query and in headers; those in the path besides.
    var parameters: [Parameter] = []
    /// What is sent along; `nil` for nothing.
    var body: Content?
    /// What comes back, by status: each of the contents where there are several.
    var answers: [Int: [Content]]

    /// A route that reads.
    ///
    /// - Parameters:
    ///   - path: the path.
    ///   - routed: the path as the router has it, where that is another.
    ///   - summary: what it does.
    ///   - parameters: what may be in the query.
    ///   - answers: what comes back.
    /// - Returns: the operation.
    static func get(
        _ path: String, routed: String? = nil, _ summary: String, parameters: [Parameter] = [], _ answers: Content...
    ) -> Operation {
        Operation(
            method: .get, path: path, routed: routed ?? path, summary: summary, parameters: parameters,
            answers: [200: answers])
    }

    /// A route that is sent something.
    static func post(_ path: String, _ summary: String, _ body: Content, _ answers: Content...) -> Operation {
        Operation(
            method: .post, path: path, routed: path, summary: summary, body: body, answers: [200: answers])
    }

    /// A route that says what to do instead.
    static func refused(_ method: HTTPRequest.Method, _ path: String, _ summary: String) -> Operation {
        Operation(
            method: method, path: path, routed: path, summary: summary,
            body: method == .post ? .json(.any) : nil, answers: [:])
    }

    /// The operation with another answer that is no error of the dialect's.
    func answering(_ status: Int, _ content: Content) -> Operation {
        var operation = self
        operation.answers[status] = [content]
        return operation
    }

    /// What a request or an answer consists of.
    enum Content: Sendable {
        case json(Schema)
        /// Lines of JSON.
        case lines
        /// Server-sent events.
        case events
        case text
        case html
        /// A file of whatever type.
        case file
        /// A form with files.
        case form(Schema)
        /// A head without a body.
        case nothing
    }

    /// A parameter in the query.
    struct Parameter: Sendable {
        let name: String
        let schema: Schema
        let about: String
    }
}

extension Operation {
    /// The operation as OpenAPI has it.
    var described: JSONValue {
        let dialect = Dialect(path: path)
        var responses = answers.sorted { $0.key < $1.key }.map { status, contents in
            ("\(status)", Self.answer(status == 200 ? "as asked for" : "not now, or not so", contents) as JSONValue?)
        }
        let problem = Content.json(.component(dialect.errorComponent))
        responses.append(("4XX", Self.answer("the request is at fault: which member, and what to do", [problem])))
        responses.append(("5XX", Self.answer("it cannot be done now: why, and what to do", [problem])))
        return .members([
            ("tags", .array([.string(dialect.tag(of: path))])),
            ("operationId", .string(identifier)),
            ("summary", .string(summary)),
            ("parameters", describedParameters),
            (
                "requestBody",
                body.map { .members([("required", .bool(true)), ("content", Self.content([$0]))]) }
            ),
            ("responses", .members(responses)),
        ])
    }

    /// A name that no other operation has.
    private var identifier: String {
        let words = path.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        return ([method.rawValue.lowercased()] + words).joined(separator: "_")
    }

    private var describedParameters: JSONValue? {
        let names = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
        let inPath = names.map { name in
            Self.parameter(name, in: "path", isRequired: true, .string(minimum: 1), "")
        }
        let all = inPath + parameters.map { Self.parameter($0.name, in: "query", $0.schema, $0.about) }
        return all.isEmpty ? nil : .array(all)
    }

    private static func parameter(
        _ name: String, in place: String, isRequired: Bool = false, _ schema: Schema, _ about: String
    ) -> JSONValue {
        .members([
            ("name", .string(name)), ("in", .string(place)), ("required", .bool(isRequired)),
            ("description", about.isEmpty ? nil : .string(about)), ("schema", schema.json),
        ])
    }

    private static func answer(_ description: String, _ contents: [Content]) -> JSONValue {
        .members([("description", .string(description)), ("content", content(contents))])
    }

    private static func content(_ contents: [Content]) -> JSONValue? {
        let types: [(String, JSONValue?)] = contents.compactMap { content in
            switch content {
            case .json(let schema): ("application/json", .members([("schema", schema.json)]))
            case .lines: ("application/x-ndjson", .members([("schema", Schema.string.json)]))
            case .events: ("text/event-stream", .members([("schema", Schema.string.json)]))
            case .text: ("text/plain", .members([("schema", Schema.string.json)]))
            case .html: ("text/html", .members([("schema", Schema.string.json)]))
            case .file: ("*/*", .members([("schema", Schema.any.json)]))
            case .form(let schema): ("multipart/form-data", .members([("schema", schema.json)]))
            case .nothing: nil
            }
        }
        return types.isEmpty ? nil : .members(types)
    }
}

extension Dialect {
    /// The name of the schema that errors have.
    fileprivate var errorComponent: String {
        switch self {
        case .ollama: "Error"
        case .openAI: "OpenAIError"
        case .anthropic: "AnthropicError"
        }
    }

    /// Whose API a path belongs to.
    fileprivate func tag(of path: String) -> String {
        switch self {
        case .openAI: "OpenAI"
        case .anthropic: "Anthropic"
        case .ollama: path == "/" || (path.hasPrefix("/api/") && !path.hasPrefix("/api/pool/")) ? "Ollama" : "Sarai"
        }
    }
}
