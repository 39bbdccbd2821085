/// One turn of a conversation. The schema is that of OpenAI's chat API, which every engine speaks.
public struct Message: Hashable, Sendable {
    /// Who speaks.
    public enum Role: String, Sendable, Codable, CaseIterable {
        case system, developer, user, assistant, tool
    }

    /// A piece of a message's content.
    public enum Part: Hashable, Sendable {
        case text(String)
        case media(Media)
    }

    /// Who speaks.
    public var role: Role
    /// What is said, shown or heard, in order.
    public var content: [Part]
    /// The calls that an assistant message makes.
    public var toolCalls: [ToolCall]
    /// Of a tool message: the call that it answers.
    public var toolCallID: String?
    /// Of a tool message: the tool's name (Ollama's `tool_name`).
    public var toolName: String?
    /// Of an assistant message: what the model thought before it, where the client tells. Templates show it to models that
    /// think between the calls of one answer.
    public var thinking: String?

    /// A message made of parts.
    public init(
        role: Role, content: [Part], toolCalls: [ToolCall] = [], toolCallID: String? = nil, toolName: String? = nil,
        thinking: String? = nil
    ) {
        self.role = role
        self.content = content
        self.toolCalls = toolCalls
        self.toolCallID = toolCallID
        self.toolName = toolName
        self.thinking = thinking
    }

    /// A message of text alone.
    public init(role: Role, text: String) {
        self.init(role: role, content: [.text(text)])
    }

    /// The text parts, joined.
    public var text: String {
        content.reduce(into: "") { joined, part in
            if case .text(let text) = part {
                joined += text
            }
        }
    }

    /// The media parts, in order.
    public var media: [Media] {
        content.compactMap { part in
            guard case .media(let media) = part else {
                return nil
            }
            return media
        }
    }
}

/// A call of a tool that a model asks for.
public struct ToolCall: Hashable, Sendable {
    /// Identifies the call in the conversation.
    public var id: String
    /// The function to call.
    public var name: String
    /// Its arguments: a JSON object as text, as the model wrote it.
    public var arguments: String

    /// A tool call.
    public init(id: String, name: String, arguments: String) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}
