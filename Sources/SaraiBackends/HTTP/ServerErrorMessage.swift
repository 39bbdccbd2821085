import NIOCore

/// The message in an error body, whichever of the two shapes it has: Ollama's `{"error":"…"}` or OpenAI's
/// `{"error":{"message":"…"}}`.
struct ServerErrorMessage: Decodable {
    let text: String

    private enum CodingKeys: CodingKey {
        case error, message
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let text = try? container.decode(String.self, forKey: .error) {
            self.text = text
        } else {
            text = try container.nestedContainer(keyedBy: CodingKeys.self, forKey: .error)
                .decode(String.self, forKey: .message)
        }
    }

    /// The message in `body`; `nil` if it has neither shape.
    static func read(_ body: ByteBuffer) -> String? {
        try? body.decodeJSON(ServerErrorMessage.self).text
    }
}
