import AsyncHTTPClient
import Foundation
import NIOCore
import SaraiCore

/// How a streamed answer is cut into JSON documents.
enum LineFraming {
    /// One JSON document a line (Ollama).
    case ndjson
    /// Server-sent events whose data are JSON documents, ending with `[DONE]` (OpenAI).
    case sse

    /// The JSON document that a line carries; `nil` if it carries none.
    func payload(of line: String) -> Payload? {
        switch self {
        case .ndjson: return line.isEmpty ? nil : .document(line[...])
        case .sse:
            // Comments, event names, ids and blank lines between events carry no data.
            guard line.hasPrefix("data:") else {
                return nil
            }
            let data = line.dropFirst(5).drop { $0 == " " }
            return data == "[DONE]" ? .end : .document(data)
        }
    }

    /// What a line carries.
    enum Payload: Equatable {
        case document(Substring)
        case end
    }
}

extension HTTPClientResponse.Body {
    /// The longest line that a server may send.
    private static var maximumLine: Int { 8 << 20 }

    /// Reads a streamed answer as JSON documents, to its end, so that the connection can be used again.
    ///
    /// - Parameters:
    ///   - type: what each document is.
    ///   - framing: how documents are framed.
    ///   - handle: called for each document, in order.
    /// - Throws: ``BackendError`` with `malformedAnswer` for a document that is not a `type`, `serverError` for an error
    ///   in the stream. What goes wrong after an end marker is of no interest.
    func forEachDocument<Document: Decodable>(
        _ type: Document.Type, framing: LineFraming, handle: (Document) throws -> Void
    ) async throws {
        let decoder = JSONDecoder()
        var hasEnded = false
        do {
            try await UpstreamClient.translatingErrors {
                for try await line in splitUTF8Lines(maximumBufferSize: Self.maximumLine) where !hasEnded {
                    switch framing.payload(of: line) {
                    case nil: continue
                    case .end: hasEnded = true
                    case .document(let text): try handle(decoder.decode(type, orErrorIn: text))
                    }
                }
            }
        } catch {
            guard hasEnded, !Task.isCancelled else {
                throw error
            }
        }
    }
}

extension JSONDecoder {
    /// Reads a document of a stream.
    ///
    /// - Throws: ``BackendError`` with the message, if it is an error document, or `malformedAnswer`.
    fileprivate func decode<Document: Decodable>(
        _ type: Document.Type, orErrorIn text: Substring
    ) throws -> Document {
        let data = Data(text.utf8)
        if let document = try? decode(type, from: data) {
            return document
        }
        if let error = try? decode(ServerErrorMessage.self, from: data) {
            throw BackendError(.serverError(500), error.text)
        }
        throw BackendError(.malformedAnswer, "not a valid message: \(text.prefix(120))")
    }
}
