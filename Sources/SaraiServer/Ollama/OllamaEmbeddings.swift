import SaraiCore
import SaraiPool

/// The body of `POST /api/embed` and of the older `POST /api/embeddings`.
struct OllamaEmbeddingRequest: Decodable {
    let model: ModelName
    let request: EmbeddingRequest
    /// How long the model is to stay loaded afterwards; `nil` is as configured.
    let keepAlive: KeepAlive?
    let ignored: IgnoredMembers

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        // Embeddings have no options that could be honoured.
        let options = try fields.optional("options", as: OptionNames.self)?.names ?? []
        ignored = IgnoredMembers(names: options + fields.unread(Self.members + [.optional("options", .object)]))
        model = try fields.model(orNamed: "name")
        keepAlive = try fields.optional("keep_alive", as: KeepAliveField.self)?.value
        // As in Ollama, 0 asks for nothing.
        let dimensions = try fields.optional("dimensions", in: 0...SamplingRange.dimensions.upperBound)
        guard let (newer, older) = try? (fields.strings("input"), fields.strings("prompt")) else {
            throw PoolError(.invalidRequest, "input: expected a string or a list of strings")
        }
        let inputs = newer ?? older ?? []
        guard inputs.count <= 2048 else {
            throw PoolError(.invalidRequest, "input: at most 2048 texts are expected")
        }
        // One empty text asks for a load; among others, it would have no vector and shift theirs.
        let texts = inputs == [""] ? [] : inputs
        guard !texts.contains("") else {
            throw PoolError(.invalidRequest, "input: a text is empty")
        }
        request = EmbeddingRequest(
            inputs: texts, truncate: try fields.optional("truncate") ?? true,
            dimensions: dimensions == 0 ? nil : dimensions)
    }
}

/// The names of what stands in `options`.
private struct OptionNames: Decodable {
    let names: [String]

    init(from decoder: any Decoder) throws {
        names = try RequestFields(decoder).names.sorted()
    }
}

/// The answer of `POST /api/embed`.
struct OllamaEmbeddingAnswer: Encodable {
    let model: String
    let embeddings: [[Float]]
    let totalDuration: Int
    let loadDuration: Int
    let promptEvalCount: Int

    init(_ result: EmbeddingResult, model: String, route: Route, total: Duration) {
        self.model = model
        embeddings = result.vectors
        totalDuration = total.nanoseconds
        loadDuration = route.waited.nanoseconds
        promptEvalCount = result.promptTokens
    }

    private enum CodingKeys: String, CodingKey {
        case model, embeddings
        case totalDuration = "total_duration"
        case loadDuration = "load_duration"
        case promptEvalCount = "prompt_eval_count"
    }
}
