import SaraiCore

/// What a message says: a text, or a list of parts, as chats or as responses write them.
struct OpenAIContent: Decodable {
    let parts: [Message.Part]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            parts = [.text(text)]
        } else {
            parts = try container.decode([Part].self).map(\.part)
        }
    }

    private struct Part: Decodable {
        let part: Message.Part

        init(from decoder: any Decoder) throws {
            let fields = try RequestFields(decoder)
            switch try fields.required("type", as: String.self) {
            case "text", "input_text", "output_text":
                try fields.requireKnownOrEmpty(OpenAIContent.members(of: "text"), in: "content.")
                part = .text(try fields.required("text"))
            case "refusal":
                try fields.requireKnownOrEmpty(OpenAIContent.members(of: "refusal"), in: "content.")
                part = .text(try fields.required("refusal"))
            case "image_url":
                part = .media(try Self.file(fields, "image_url", "url", .image))
            case "input_image":
                try fields.requireKnownOrEmpty(OpenAIContent.members(of: "image_url"), in: "content.")
                part = .media(try Self.media(try fields.optional("image_url"), named: "image_url", .image))
            case "input_audio":
                part = .media(try Self.file(fields, "input_audio", "data", .audio))
            case "video_url":
                part = .media(try Self.file(fields, "video_url", "url", .video))
            case let type:
                throw PoolError(
                    .unsupported,
                    "content: type '\(type.prefix(64))' is none of text, image_url, input_audio, video_url "
                        + "(in responses: input_text, output_text, input_image, input_audio)")
            }
        }

        /// The file of a part that holds it one level deeper.
        private static func file(
            _ fields: RequestFields, _ name: String, _ member: String, _ kind: Media.Kind
        ) throws -> Media {
            try fields.requireKnownOrEmpty(OpenAIContent.members(of: name), in: "content.")
            let file = try fields.object(name, of: OpenAIContent.fileMembers(member), in: "content.")
            return try media(try file.optional(member), named: "\(name).\(member)", kind)
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
}
