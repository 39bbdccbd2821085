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
        let content = try fields.optional("content", as: Content.self)?.parts ?? []
        message = Message(
            role: role,
            content: content,
            toolCalls: try fields.optional("tool_calls", as: [Call].self)?.map(\.call) ?? [],
            toolCallID: try fields.optional("tool_call_id"),
            toolName: try fields.optional("name"))
    }

    /// A text, or a list of parts.
    private struct Content: Decodable {
        let parts: [Message.Part]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                parts = [.text(text)]
            } else {
                parts = try container.decode([Part].self).map(\.part)
            }
        }
    }

    private struct Part: Decodable {
        let part: Message.Part

        init(from decoder: any Decoder) throws {
            let fields = try RequestFields(decoder)
            switch try fields.required("type", as: String.self) {
            case "text":
                part = .text(try fields.required("text"))
            case "image_url":
                let image: [String: JSONValue] = try fields.required("image_url")
                part = .media(try Self.media(image["url"]?.stringValue, named: "image_url.url", .image))
            case "input_audio":
                let audio: [String: JSONValue] = try fields.required("input_audio")
                part = .media(try Self.media(audio["data"]?.stringValue, named: "input_audio.data", .audio))
            case "video_url":
                let video: [String: JSONValue] = try fields.required("video_url")
                part = .media(try Self.media(video["url"]?.stringValue, named: "video_url.url", .video))
            case let type:
                throw PoolError(
                    .unsupported, "content: type '\(type)' is none of text, image_url, input_audio, video_url")
            }
        }

        private static func media(_ text: String?, named name: String, _ kind: Media.Kind) throws -> Media {
            guard let text else {
                throw PoolError(.invalidRequest, "\(name): missing")
            }
            guard !text.hasPrefix("http:"), !text.hasPrefix("https:") else {
                throw PoolError(
                    .unsupported, "\(name): Sarai fetches nothing; send the file itself as a data: URL in base64")
            }
            guard let media = Media(base64OrDataURL: text), media.kind == kind else {
                throw PoolError(.invalidRequest, "\(name): not a \(kind.formats) file in base64")
            }
            return media
        }
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
