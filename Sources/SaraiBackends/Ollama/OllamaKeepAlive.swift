import SaraiCore

/// How long a model stays loaded, as Ollama's API writes it: seconds, negative for ever.
struct OllamaKeepAlive: Encodable, Sendable {
    let value: KeepAlive

    init(_ value: KeepAlive) {
        self.value = value
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch value {
        case .forever: try container.encode(-1)
        case .limited(let duration): try container.encode(duration.seconds)
        }
    }
}

/// A request without a prompt or a text: it loads the model, or unloads it with a `keep_alive` of 0.
struct OllamaLoadBody: Encodable, Sendable {
    private let model: String
    private let keepAlive: OllamaKeepAlive?
    private let stream = false
    /// Models of embeddings are loaded by the endpoint of those.
    private let input: [String]?

    private enum CodingKeys: String, CodingKey {
        case model, stream, input
        case keepAlive = "keep_alive"
    }

    init(model: String, keepAlive: KeepAlive?, isEmbedding: Bool) {
        self.model = model
        self.keepAlive = keepAlive.map(OllamaKeepAlive.init)
        input = isEmbedding ? [] : nil
    }
}
