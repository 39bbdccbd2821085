import NIOCore

/// How a streamed answer carries JSON documents.
enum LineFraming {
    /// One JSON document a line (Ollama).
    case ndjson
    /// Server-sent events whose data are JSON documents, ending with `[DONE]` (OpenAI).
    case sse

    /// What a line carries.
    enum Payload: Equatable {
        case document(ByteBuffer)
        /// The end of the answer.
        case end
    }

    /// What `line` carries; `nil` if nothing.
    ///
    /// - Throws: ``BackendError`` with `malformedAnswer` for a line that the framing does not know. To skip it could lose a piece
    ///   of the answer unseen.
    func payload(of line: ByteBuffer) throws(BackendError) -> Payload? {
        switch self {
        case .ndjson: return line.readableBytes == 0 ? nil : .document(line)
        case .sse:
            let view = line.readableBytesView
            guard view.starts(with: "data:".utf8) else {
                // Comments, event names, ids and blank lines between events carry no data.
                guard view.isEmpty || [":", "event", "id", "retry"].contains(where: { view.starts(with: $0.utf8) })
                else {
                    throw BackendError(.malformedAnswer, "not an event: \(String(buffer: line).prefix(120))")
                }
                return nil
            }
            let data = view.dropFirst(5).drop { $0 == UInt8(ascii: " ") }
            return data.elementsEqual("[DONE]".utf8) ? .end : .document(ByteBuffer(data))
        }
    }
}
