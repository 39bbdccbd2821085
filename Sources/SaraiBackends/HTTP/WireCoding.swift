import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat

extension JSONEncoder {
    /// For request bodies: slashes as they are, which keeps base64 payloads at their size, and members in a fixed order,
    /// so that the same tools make the same prompt each time.
    static var wire: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}

extension UpstreamClient {
    /// Encodes a body, sends it and returns the answer; see ``post(_:json:timeout:)``.
    ///
    /// - Throws: ``BackendError``.
    func post(_ path: String, encoding body: some Encodable) async throws -> HTTPClientResponse {
        try await post(path, json: JSONEncoder.wire.encodeAsByteBuffer(body, allocator: .init()))
    }

    /// Decodes a whole answer.
    ///
    /// - Throws: ``BackendError`` with `malformedAnswer`.
    static func decode<Answer: Decodable>(_ type: Answer.Type, from body: ByteBuffer) throws -> Answer {
        do {
            return try JSONDecoder().decode(type, from: body)
        } catch {
            throw BackendError(.malformedAnswer, "not a valid answer: \(String(buffer: body).prefix(120))")
        }
    }
}

extension HTTPClientResponse.Body {
    /// Collects and decodes a whole answer.
    ///
    /// - Throws: ``BackendError``.
    func decode<Answer: Decodable>(_ type: Answer.Type, limit: Int = 64 << 20) async throws -> Answer {
        let body = try await UpstreamClient.translatingErrors { try await collect(upTo: limit) }
        return try UpstreamClient.decode(type, from: body)
    }
}
