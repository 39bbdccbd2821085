import SaraiCore

/// A message of `POST /v1/chat/completions`.
struct OpenAIChatMessage: Decodable {
    let message: Message

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        let role = try fields.required("role", as: String.self)
        guard let role = Message.Role(rawValue: role) else {
            let roles = Message.Role.allCases.map(\.rawValue).joined(separator: ", ")
            throw PoolError(.invalidRequest, "messages: role '\(role)' is none of \(roles)")
        }
        let content = try fields.optional("content", as: OpenAIContent.self)?.parts ?? []
        message = Message(
            role: role,
            content: content,
            toolCalls: try fields.optional("tool_calls", as: [Call].self)?.map(\.call) ?? [],
            toolCallID: try fields.optional("tool_call_id"),
            toolName: try fields.optional("name"))
    }

    private struct Call: Decodable {
        let call: ToolCall

        init(from decoder: any Decoder) throws {
            let fields = try RequestFields(decoder)
            let function: [String: JSONValue] = try fields.required("function")
            guard let name = function["name"]?.stringValue else {
                throw PoolError(.invalidRequest, "tool_calls.function.name: missing")
            }
            call = ToolCall(
                id: try fields.optional("id") ?? "", name: name,
                arguments: function["arguments"]?.stringValue ?? "{}")
        }
    }
}
