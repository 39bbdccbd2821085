import Testing

/// A streamed answer whose every byte is known, as an upstream sends it.
struct WireAnswer: Sendable, CustomTestStringConvertible {
    enum Framing: CaseIterable {
        case lineChunks
        case smallChunks
        case contentLength
        case untilClose
    }

    let framing: Framing
    /// Lines of NDJSON or events of SSE, and whether each is a piece of content.
    let pieces: [(text: String, isContent: Bool)]

    /// With a line that only thinks, which is no content, and characters of several bytes.
    static func ndjson(_ framing: Framing) -> WireAnswer {
        WireAnswer(
            framing: framing,
            pieces: [
                (#"{"message":{"role":"assistant","content":"","thinking":"hm"},"done":false}"# + "\n", false),
                (#"{"message":{"content":"¡w0 "},"done":false}"# + "\n", true),
                (#"{"message":{"content":"🐈 "},"done":false}"# + "\n", true),
                (#"{"response":"w2 ","done":false}"# + "\n", true),
                (#"{"message":{"content":""},"done":true,"done_reason":"stop"}"# + "\n", false),
            ])
    }

    /// With a comment, a role, and both ends of line.
    static func sse(_ framing: Framing) -> WireAnswer {
        WireAnswer(
            framing: framing,
            pieces: [
                (": a comment\n\n", false),
                (#"data: {"choices":[{"delta":{"role":"assistant","content":""}}]}"# + "\n\n", false),
                (#"data: {"choices":[{"delta":{"content":"¡w0 "}}]}"# + "\n\n", true),
                (#"data: {"choices":[{"delta":{"content":"🐈 "}}]}"# + "\r\n\r\n", true),
                (#"data:{"choices":[{"text":"w2 "}]}"# + "\n\n", true),
                ("data: [DONE]\n\n", false),
            ])
    }

    static let all = Framing.allCases.flatMap { [ndjson($0), sse($0)] }

    var testDescription: String {
        "\(pieces.count == 5 ? "NDJSON" : "SSE") \(framing)"
    }

    var payload: [UInt8] {
        pieces.flatMap { Array($0.text.utf8) }
    }

    var head: [UInt8] {
        let header =
            switch framing {
            case .lineChunks, .smallChunks: "Transfer-Encoding: chunked\r\n"
            case .contentLength: "content-length: \(payload.count)\r\n"
            case .untilClose: "Connection: close\r\n"
            }
        return Array("HTTP/1.1 200 OK\r\nContent-Type: x\r\n\(header)\r\n".utf8)
    }

    private var chunks: [[UInt8]] {
        let payload = self.payload
        return switch framing {
        case .lineChunks: pieces.map { Array($0.text.utf8) }
        case .smallChunks:
            stride(from: 0, to: payload.count, by: 11).map { Array(payload[$0..<min($0 + 11, payload.count)]) }
        case .contentLength, .untilClose: [payload]
        }
    }

    private var isChunked: Bool {
        framing == .lineChunks || framing == .smallChunks
    }

    /// Everything.
    var bytes: [UInt8] {
        withoutEnd + (isChunked ? Array("0\r\n\r\n".utf8) : [])
    }

    /// The head and all chunks, without the last, empty one.
    var withoutEnd: [UInt8] {
        isChunked ? prefix(payload: payload.count) + Array("\r\n".utf8) : prefix(payload: payload.count)
    }

    /// Everything up to a byte of payload, and nothing of what comes after it. With `opensNextChunk` the size line of a
    /// chunk that begins right there belongs to it.
    func prefix(payload count: Int, opensNextChunk: Bool = false) -> [UInt8] {
        var bytes = head
        var left = count
        for (index, chunk) in chunks.enumerated() where left > 0 || (left == 0 && opensNextChunk) {
            let isOpenedOnly = left == 0
            if isChunked {
                bytes += Array(((index > 0 ? "\r\n" : "") + String(chunk.count, radix: 16) + "\r\n").utf8)
            }
            bytes += chunk.prefix(left)
            left -= chunk.count
            if isOpenedOnly || left < 0 {
                break
            }
        }
        return bytes
    }

    /// Bytes of payload up to the end of the `count`-th piece of content.
    func payload(throughContent count: Int) -> Int {
        var seen = 0
        var bytes = 0
        for piece in pieces where seen < count {
            seen += piece.isContent ? 1 : 0
            bytes += piece.text.utf8.count
        }
        return bytes
    }

    /// Bytes of payload up to the end of the `count`-th line.
    func payload(throughLine count: Int) -> Int {
        let ends = payload.enumerated().filter { $1 == UInt8(ascii: "\n") }.map { $0.offset + 1 }
        return ends[count - 1]
    }

    /// Bytes of payload before the last line that is not empty.
    var payloadBeforeLastLine: Int {
        payload.count - (pieces.last?.text.utf8.count ?? 0)
    }
}
