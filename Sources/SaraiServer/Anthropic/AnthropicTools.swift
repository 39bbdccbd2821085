import SaraiCore

/// A tool that a client offers, and runs itself.
struct AnthropicTool: Decodable {
    let name: String
    /// The definition in OpenAI's schema, which the engines have.
    let definition: JSONValue

    private static let members: [Member] = [
        .optional("type", .constant("custom")),
        .required("name", .string(minimum: 1)),
        .optional("description", .string),
        .required("input_schema", .object),
        // Prompts are cached anyway, and calls always follow their schema.
        .optional("cache_control", .any, "Changes nothing."),
        .optional("strict", .any, "Changes nothing."),
        .optional("eager_input_streaming", .any, "Changes nothing."),
    ]

    static let schema = Schema.object(members, others: false)

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        if let type: String = try fields.optional("type"), type != "custom" {
            throw PoolError(
                .unsupported,
                "tools: '\(type.prefix(60))' is a tool of Anthropic's; here are only those that the client runs (custom)"
            )
        }
        try fields.requireKnown(Self.members, in: "tools.")
        name = try fields.required("name")
        guard !name.isEmpty else {
            throw PoolError(.invalidRequest, "tools.name: is empty")
        }
        let schema: JSONValue = try fields.required("input_schema")
        guard case .object = schema else {
            throw PoolError(.invalidRequest, "tools.input_schema: expected an object")
        }
        let description: String = try fields.optional("description") ?? ""
        definition = .object([
            "type": .string("function"),
            "function": .object([
                "name": .string(name), "description": .string(description), "parameters": schema,
            ]),
        ])
    }
}

/// Which tools a model may call, or must.
struct AnthropicToolChoice: Decodable {
    let choice: ToolChoice
    /// Whether one answer may call several; `nil` leaves it to the target.
    let isParallel: Bool?

    static let schema = Schema.any(
        of: .object([.required("type", .oneOf(["auto", "any", "none"]))]),
        .object([.required("type", .constant("tool")), .required("name", .string)]))

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        switch try fields.required("type", as: String.self) {
        case "auto": choice = .auto
        case "any": choice = .required
        case "none": choice = .never
        case "tool": choice = .function(try fields.required("name"))
        case let type:
            throw PoolError(
                .invalidRequest, "tool_choice.type: '\(type.prefix(40))' is none of auto, any, tool, none")
        }
        isParallel = try fields.optional("disable_parallel_tool_use", as: Bool.self).map { !$0 }
    }

    /// Refuses a choice that the tools do not allow.
    ///
    /// - Throws: ``SaraiCore/PoolError`` if there is no such tool.
    func check(for tools: [AnthropicTool]) throws(PoolError) {
        switch choice {
        case .auto, .never: break
        case .required:
            guard !tools.isEmpty else {
                throw PoolError(.invalidRequest, "tool_choice: a call is asked for, but there are no tools")
            }
        case .function(let name):
            guard tools.contains(where: { $0.name == name }) else {
                throw PoolError(
                    .invalidRequest,
                    "tool_choice.name: there is no tool '\(name.prefix(60))'."
                        + Suggestion.sentence(for: name, among: tools.map(\.name)))
            }
        }
    }
}
