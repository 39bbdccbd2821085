import AsyncHTTPClient
package import NIOCore
import SaraiCore

extension ByteBuffer {
    /// A value as JSON, its members in the order in which the type encodes them: the same tools make the same prompt each time, and
    /// what a client wrote in an order keeps it.
    ///
    /// - Throws: what the type's `Encodable` throws.
    package init(json value: some Encodable) throws {
        self.init(bytes: try JSONCoding.encode(value))
    }

    /// Reads the JSON document that the buffer holds.
    ///
    /// - Throws: `JSONParsingError` or `DecodingError`.
    package func decodeJSON<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try withUnsafeReadableBytes { try JSONCoding.decode(type, from: $0) }
    }
}

extension UpstreamClient {
    /// Encodes a body, sends it and returns the answer; see ``post(_:json:timeout:)``.
    ///
    /// - Throws: ``BackendError``.
    func post(_ path: String, encoding body: some Encodable) async throws -> HTTPClientResponse {
        try await post(path, json: ByteBuffer(json: body))
    }

    /// Decodes a whole answer.
    ///
    /// - Throws: ``BackendError`` with `malformedAnswer`.
    static func decode<Answer: Decodable>(_ type: Answer.Type, from body: ByteBuffer) throws -> Answer {
        do {
            return try body.decodeJSON(type)
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
