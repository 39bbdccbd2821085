import Foundation
import SaraiCore

/// The body of `POST /v1/embeddings`.
struct OpenAIEmbeddingRequest: Decodable {
    let model: ModelName
    let request: EmbeddingRequest
    let isBase64: Bool

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        model = try fields.model()
        try fields.requireKnown(Self.members)
        guard let inputs = try? fields.strings("input") else {
            throw PoolError(
                .invalidRequest, "input: expected a string or a list of strings; token numbers are not supported")
        }
        guard !inputs.isEmpty, inputs.count <= 2048, !inputs.contains("") else {
            throw PoolError(.invalidRequest, "input: between 1 and 2048 texts are expected, none of them empty")
        }
        switch try fields.optional("encoding_format", as: String.self) {
        case nil, "float": isBase64 = false
        case "base64": isBase64 = true
        case .some(let format):
            throw PoolError(.invalidRequest, "encoding_format: '\(format)' is neither float nor base64")
        }
        request = EmbeddingRequest(
            inputs: inputs, truncate: false,
            dimensions: try fields.optional("dimensions", in: SamplingRange.dimensions))
    }
}

/// The answer of `POST /v1/embeddings`.
struct OpenAIEmbeddingAnswer: Encodable {
    let object = "list"
    let data: [Item]
    let model: String
    let usage: Usage

    init(_ result: EmbeddingResult, model: ModelName, isBase64: Bool) {
        data = result.vectors.enumerated().map { Item(index: $0.offset, vector: $0.element, isBase64: isBase64) }
        self.model = model.rawValue
        usage = Usage(promptTokens: result.promptTokens)
    }

    struct Item: Encodable {
        let index: Int
        let vector: [Float]
        let isBase64: Bool

        private enum CodingKeys: CodingKey {
            case object, index, embedding
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode("embedding", forKey: .object)
            try container.encode(index, forKey: .index)
            if isBase64 {
                // Little-endian 32-bit floats, as OpenAI's clients unpack them.
                let bytes = vector.withUnsafeBytes { Data($0) }
                try container.encode(bytes.base64EncodedString(), forKey: .embedding)
            } else {
                try container.encode(vector, forKey: .embedding)
            }
        }
    }

    struct Usage: Encodable {
        let promptTokens: Int

        private enum CodingKeys: String, CodingKey {
            case promptTokens = "prompt_tokens"
            case totalTokens = "total_tokens"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(promptTokens, forKey: .promptTokens)
            try container.encode(promptTokens, forKey: .totalTokens)
        }
    }
}
