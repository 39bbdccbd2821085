import SaraiCore

/// A message of `POST /v1/chat/completions`.
struct OpenAIChatMessage: Decodable {
    let message: Message

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        try fields.requireKnownOrEmpty(Self.members, in: "messages.")
        let role = try fields.required("role", as: String.self)
        guard let role = Message.Role(rawValue: role) else {
            let roles = Message.Role.allCases.map(\.rawValue).joined(separator: ", ")
            throw PoolError(.invalidRequest, "messages: role '\(role)' is none of \(roles)")
        }
        let newerThinking = try fields.text("reasoning")
        let content = try fields.optional("content", as: OpenAIContent.self)?.parts ?? []
        message = Message(
            role: role,
            content: content,
            toolCalls: try fields.optional("tool_calls", as: [Call].self)?.map(\.call) ?? [],
            toolCallID: try fields.optional("tool_call_id"),
            toolName: try fields.optional("name"),
            thinking: try fields.text("reasoning_content") ?? newerThinking)
    }

    private struct Call: Decodable {
        let call: ToolCall

        init(from decoder: any Decoder) throws {
            let fields = try RequestFields(decoder)
            try fields.requireKnownOrEmpty(OpenAIChatMessage.callMembers, in: "messages.tool_calls.")
            let function = try fields.object(
                "function", of: OpenAIChatMessage.functionMembers, in: "messages.tool_calls.")
            guard let name: String = try function.optional("name") else {
                throw PoolError(.invalidRequest, "tool_calls.function.name: missing")
            }
            call = ToolCall(
                id: try fields.optional("id") ?? "", name: name,
                arguments: try function.optional("arguments") ?? "{}")
        }
    }
}
