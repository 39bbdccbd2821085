import SaraiCore

/// The content of a message of Anthropic's API, of a tool's result, or of a system prompt: a text, or a list of blocks.
struct AnthropicContent: Decodable {
    let blocks: [AnthropicBlock]

    /// What may be among the blocks.
    enum Kind {
        case texts, parts, blocks
    }

    /// What content looks like.
    static func schema(_ kind: Kind) -> Schema {
        .any(of: .string, .list(of: AnthropicBlock.schema(kind)))
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            blocks = [.part(.text(text))]
        } else {
            blocks = try container.decode([AnthropicBlock].self)
        }
    }

    /// The texts and images, where nothing else may be.
    ///
    /// - Parameter place: what the content belongs to, for the message.
    /// - Returns: them, in order.
    /// - Throws: ``SaraiCore/PoolError`` if there is something else.
    func parts(in place: String) throws(PoolError) -> [Message.Part] {
        try blocks.map { block throws(PoolError) in
            guard case .part(let part) = block else {
                throw PoolError(.invalidRequest, "\(place): only text and images are expected here")
            }
            return part
        }
    }
}

/// A block of content.
enum AnthropicBlock: Decodable {
    /// Text or an image.
    case part(Message.Part)
    /// A call that the model made earlier.
    case toolUse(ToolCall)
    /// What a call brought.
    case toolResult(id: String, content: [Message.Part])
    /// What the model thought earlier. It is not told again: chat templates leave the thoughts of earlier turns out.
    case thoughts

    fileprivate static func schema(_ kind: AnthropicContent.Kind) -> Schema {
        let text = Schema.object([.required("type", .constant("text")), .required("text", .string)])
        let image = Schema.object([
            .required("type", .constant("image")), .required("source", AnthropicImageSource.schema),
        ])
        switch kind {
        case .texts: return text
        case .parts: return .any(of: text, image)
        case .blocks:
            return .any(
                of: text, image,
                .object([
                    .required("type", .constant("tool_use")), .required("id", .string), .required("name", .string),
                    .required("input", .object),
                ]),
                .object([
                    .required("type", .constant("tool_result")), .required("tool_use_id", .string),
                    .optional("content", AnthropicContent.schema(.parts)), .optional("is_error", .boolean),
                ]),
                .object([.required("type", .oneOf(["thinking", "redacted_thinking"]))]))
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        switch try fields.required("type", as: String.self) {
        case "text":
            self = .part(.text(try fields.required("text")))
        case "image":
            self = .part(.media(try fields.required("source", as: AnthropicImageSource.self).media))
        case "tool_use":
            let input: JSONValue = try fields.required("input")
            guard case .object = input else {
                throw PoolError(.invalidRequest, "tool_use.input: expected an object")
            }
            self = .toolUse(
                ToolCall(
                    id: try fields.required("id"), name: try fields.required("name"),
                    arguments: JSONCoding.text(input)))
        case "tool_result":
            let content = try fields.optional("content", as: AnthropicContent.self)?.parts(in: "tool_result.content")
            // Chat templates know no results that are errors, so the text says it.
            let isError = try fields.optional("is_error", as: Bool.self) ?? false
            self = .toolResult(
                id: try fields.required("tool_use_id"),
                content: (isError ? [.text("Error: ")] : []) + (content ?? []))
        case "thinking", "redacted_thinking":
            self = .thoughts
        case let type:
            throw PoolError(
                .unsupported,
                "content: type '\(type.prefix(40))' is none of text, image, tool_use, tool_result, thinking")
        }
    }
}

/// The source of an image.
private struct AnthropicImageSource: Decodable {
    let media: Media

    static let schema = Schema.object([
        .required("type", .constant("base64")), .required("data", .string(minimum: 1)),
        .optional("media_type", .string),
    ])

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        switch try fields.required("type", as: String.self) {
        case "base64":
            let data: String = try fields.required("data")
            guard let media = Media(base64OrDataURL: data), media.kind == .image else {
                throw PoolError(
                    .invalidRequest, "image.source.data: not a \(Media.Kind.image.formats) file in base64")
            }
            self.media = media
        case let type:
            throw PoolError(
                .unsupported,
                "image.source: type '\(type.prefix(40))' is not base64; Sarai fetches nothing and keeps no files, so send "
                    + "the file itself")
        }
    }
}
