import SaraiCore

/// `input` of a response: a text, or the items of a conversation.
struct ResponsesInput: Decodable {
    let messages: [Message]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            messages = [Message(role: .user, text: text)]
            return
        }
        var messages: [Message] = []
        for item in try container.decode([Item].self) {
            switch item.content {
            case .message(let message): messages.append(message)
            case .call(let call):
                // The calls of one answer are one message.
                if let last = messages.last, last.role == .assistant {
                    messages[messages.count - 1].toolCalls.append(call)
                } else {
                    messages.append(Message(role: .assistant, content: [], toolCalls: [call]))
                }
            case .thoughts: break
            }
        }
        guard !messages.isEmpty else {
            throw PoolError(.invalidRequest, "input: at least one message is needed")
        }
        self.messages = messages
    }

    private struct Item: Decodable {
        enum Content {
            case message(Message)
            case call(ToolCall)
            /// Of an earlier answer; models are not shown them again.
            case thoughts
        }

        let content: Content

        init(from decoder: any Decoder) throws {
            let fields = try RequestFields(decoder)
            switch try fields.optional("type", as: String.self) ?? "message" {
            case "message":
                content = .message(try decoder.singleValueContainer().decode(OpenAIChatMessage.self).message)
            case "function_call":
                content = .call(
                    ToolCall(
                        id: try fields.required("call_id"), name: try fields.required("name"),
                        arguments: try fields.required("arguments")))
            case "function_call_output":
                let output = try fields.required("output", as: OpenAIContent.self)
                content = .message(
                    Message(role: .tool, content: output.parts, toolCallID: try fields.required("call_id")))
            case "reasoning": content = .thoughts
            case let type:
                throw PoolError(
                    .unsupported,
                    "input: type '\(type.prefix(64))' is none of message, function_call, function_call_output, reasoning"
                )
            }
        }
    }
}
