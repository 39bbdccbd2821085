import SaraiCore

/// The tools of a request, checked: what a model may call, and whether it must.
struct OpenAITools {
    let tools: [JSONValue]
    let choice: ToolChoice?
    let isParallel: Bool?

    /// Reads `tools`, `tool_choice` and `parallel_tool_calls`.
    ///
    /// - Throws: ``SaraiCore/PoolError`` with `invalidRequest`.
    init(_ fields: RequestFields) throws {
        for name in ["functions", "function_call"] where fields.names.contains(name) {
            throw PoolError(.unsupported, "\(name): use tools and tool_choice, which took its place")
        }
        let tools = try fields.tools()
        self.tools = tools
        choice = try fields.optional("tool_choice", as: JSONValue.self).flatMap { try Self.choice($0, of: tools) }
        isParallel = try fields.optional("parallel_tool_calls")
    }

    /// Reads a `tool_choice`: a word, or an object with the name of a function, where it stands in chats or in responses.
    private static func choice(_ value: JSONValue, of tools: [JSONValue]) throws(PoolError) -> ToolChoice? {
        let choice: ToolChoice
        switch value {
        case .null: return nil
        case .string("auto"): return .auto
        case .string("none"): return ToolChoice.never
        case .string("required"): choice = .required
        case .object where value["type"] == .string("function"):
            guard let name = (value["function"]?["name"] ?? value["name"])?.stringValue else {
                throw PoolError(.invalidRequest, "tool_choice: the name of the function is missing")
            }
            choice = .function(name)
        default:
            throw PoolError(
                .invalidRequest,
                "tool_choice: expected \"auto\", \"none\", \"required\" or {\"type\": \"function\", \"function\": {\"name\": …}}"
            )
        }
        guard !tools.isEmpty else {
            throw PoolError(.invalidRequest, "tool_choice: there are no tools to choose from")
        }
        let names = tools.compactMap { $0["function"]?["name"]?.stringValue }
        if case .function(let name) = choice, !names.contains(name) {
            throw PoolError(
                .invalidRequest,
                "tool_choice: '\(name.prefix(64))' is none of the tools \(names.joined(separator: ", "))")
        }
        return choice
    }
}
