import Foundation
import NIOCore
import NIOFoundationCompat

/// What the mock answers to GET requests: the same every time.
enum MockLists {
    /// Bodies by path.
    static func make(models: [String]) -> [String: ByteBuffer] {
        let running = models.map { name in
            OllamaModel(
                name: name, model: name, size: 1 << 20, digest: String(repeating: "0", count: 64),
                modifiedAt: MockAnswerFormat.createdAt, expiresAt: "2126-01-01T00:00:00Z")
        }
        return [
            "/api/version": encode(["version": "0.0.0-mock"]),
            "/api/tags": encode(["models": running]),
            "/api/ps": encode(["models": running]),
            "/v1/models": encode(
                OpenAIList(data: models.map { OpenAIModel(id: $0, created: MockAnswerFormat.created) })),
        ]
    }

    private static func encode(_ value: some Encodable) -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let body = try? encoder.encodeAsByteBuffer(value, allocator: .init()) else {
            preconditionFailure("texts and numbers can be encoded")
        }
        return body
    }

    private struct OllamaModel: Encodable {
        let name: String
        let model: String
        let size: Int
        let digest: String
        let modifiedAt: String
        let expiresAt: String

        private enum CodingKeys: String, CodingKey {
            case name, model, size, digest
            case modifiedAt = "modified_at"
            case expiresAt = "expires_at"
        }
    }

    private struct OpenAIList: Encodable {
        let object = "list"
        let data: [OpenAIModel]
    }

    private struct OpenAIModel: Encodable {
        let id: String
        let object = "model"
        let created: Int
        let ownedBy = "mock"

        private enum CodingKeys: String, CodingKey {
            case id, object, created
            case ownedBy = "owned_by"
        }
    }
}
