import Foundation
import NIOCore

/// Embeddings that depend on nothing but their text: unit vectors, different for different texts.
struct MockEmbeddings {
    /// Numbers of a vector.
    private static let dimensions = 32

    private let model: String
    private let vectors: [[Float]]
    private let tokens: Int
    private let isBase64: Bool

    /// The embeddings of a request's texts.
    init(_ request: MockRequest, model: String) {
        self.model = model
        vectors = request.inputs.map(Self.vector)
        tokens = request.inputs.reduce(0) { $0 + $1.split(whereSeparator: \.isWhitespace).count }
        isBase64 = request.encodingFormat == "base64"
    }

    /// The answer as JSON.
    func body(isOllama: Bool) -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data =
            isOllama
            ? try? encoder.encode(OllamaAnswer(model: model, embeddings: vectors, promptTokens: tokens))
            : try? encoder.encode(
                OpenAIAnswer(
                    model: model, data: vectors.enumerated().map { Item(index: $0, embedding: embedding($1)) },
                    usage: .init(promptTokens: tokens, totalTokens: tokens)))
        guard let data else {
            preconditionFailure("unit vectors can be encoded")
        }
        return ByteBuffer(bytes: data)
    }

    private static func vector(of text: String) -> [Float] {
        // FNV-1a, which is the same in every process.
        var random = SplitMix64(seed: text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
        let numbers = (0..<dimensions).map { _ in Float.random(in: -1...1, using: &random) }
        let length = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return numbers.map { $0 / length }
    }

    /// As OpenAI's API writes a vector: numbers, or their little-endian bytes.
    private func embedding(_ vector: [Float]) -> Embedding {
        guard isBase64 else {
            return .numbers(vector)
        }
        return .base64(Data(vector.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }))
    }

    private enum Embedding: Encodable {
        case numbers([Float])
        case base64(Data)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .numbers(let numbers): try container.encode(numbers)
            case .base64(let data): try container.encode(data.base64EncodedString())
            }
        }
    }

    private struct OllamaAnswer: Encodable {
        let model: String
        let embeddings: [[Float]]
        let promptTokens: Int

        private enum CodingKeys: String, CodingKey {
            case model, embeddings
            case promptTokens = "prompt_eval_count"
        }
    }

    private struct OpenAIAnswer: Encodable {
        let object = "list"
        let model: String
        let data: [Item]
        let usage: Usage

        struct Usage: Encodable {
            let promptTokens: Int
            let totalTokens: Int

            private enum CodingKeys: String, CodingKey {
                case promptTokens = "prompt_tokens"
                case totalTokens = "total_tokens"
            }
        }
    }

    private struct Item: Encodable {
        let object = "embedding"
        let index: Int
        let embedding: Embedding
    }
}
