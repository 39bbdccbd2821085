import SaraiCore

/// A message of `POST /v1/messages`.
struct AnthropicMessage: Decodable {
    /// The message as the engines have it. The results of tools are messages of their own there, before the rest.
    let messages: [Message]

    fileprivate enum Role: String, CaseIterable {
        case user, assistant, system
    }

    static let schema = Schema.object([
        .required("role", .oneOf(Role.allCases.map(\.rawValue))),
        .required("content", AnthropicContent.schema(.blocks)),
    ])

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        let name: String = try fields.required("role")
        guard let role = Role(rawValue: name) else {
            let roles = Role.allCases.map(\.rawValue).joined(separator: ", ")
            throw PoolError(.invalidRequest, "messages: role '\(name.prefix(40))' is none of \(roles)")
        }
        let blocks = try fields.required("content", as: AnthropicContent.self).blocks
        var results: [Message] = []
        var message = Message(role: Message.Role(role), content: [])
        for block in blocks {
            switch (block, role) {
            case (.part(let part), _):
                message.content.append(part)
            case (.toolUse(let call), .assistant):
                message.toolCalls.append(call)
            case (.toolResult(let id, let content), .user):
                results.append(Message(role: .tool, content: content, toolCallID: id))
            case (.thoughts, .assistant):
                break
            case (.toolUse, _), (.thoughts, _):
                throw PoolError(
                    .invalidRequest, "messages: tool_use and thinking belong into messages of the assistant")
            case (.toolResult, _):
                throw PoolError(.invalidRequest, "messages: tool_result belongs into a message of the user")
            }
        }
        let hasOnlyResults = !results.isEmpty && message.content.isEmpty
        messages = results + (hasOnlyResults ? [] : [message])
    }

    /// A conversation as the engines have it: turns of one side that follow each other are one, and the results of tools
    /// carry their names.
    ///
    /// - Throws: ``SaraiCore/PoolError`` for the result of a call that nobody made.
    static func conversation(_ parts: [AnthropicMessage]) throws(PoolError) -> [Message] {
        var conversation: [Message] = []
        var names: [String: String] = [:]
        for var message in parts.flatMap(\.messages) {
            for call in message.toolCalls {
                names[call.id] = call.name
            }
            if let id = message.toolCallID {
                guard let name = names[id] else {
                    throw PoolError(
                        .invalidRequest, "tool_result.tool_use_id: no tool_use before it has the id '\(id.prefix(80))'")
                }
                message.toolName = name
            }
            if let last = conversation.last, last.role == message.role, [.user, .assistant].contains(message.role) {
                conversation[conversation.count - 1].append(message)
            } else {
                conversation.append(message)
            }
        }
        return conversation
    }
}

extension Message {
    /// Adds another message of the same side, as a paragraph of its own.
    fileprivate mutating func append(_ other: Message) {
        let areBothWritten = !content.isEmpty && !other.content.isEmpty
        content += (areBothWritten ? [.text("\n\n")] : []) + other.content
        toolCalls += other.toolCalls
    }
}

extension Message.Role {
    fileprivate init(_ role: AnthropicMessage.Role) {
        switch role {
        case .user: self = .user
        case .assistant: self = .assistant
        case .system: self = .system
        }
    }
}
