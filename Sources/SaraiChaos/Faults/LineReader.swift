import Foundation

/// Finds the lines, the pieces of content and their ends in the payload of a streamed answer.
///
/// One byte at a time: it is what makes a cut exact.
struct LineReader {
    /// What a byte completes.
    enum Completion {
        case line
        /// A line that is a piece of content, or the empty line that ends an event which is one.
        case content
    }

    private var line: [UInt8] = []
    private var hasContent = false

    /// Notes the next byte of payload.
    ///
    /// - Returns: what it completes, `nil` in the middle of a line.
    mutating func read(_ byte: UInt8) -> Completion? {
        guard byte == UInt8(ascii: "\n") else {
            line.append(byte)
            return nil
        }
        defer { line.removeAll(keepingCapacity: true) }
        if line.last == UInt8(ascii: "\r") {
            line.removeLast()
        }
        if line.isEmpty {
            defer { hasContent = false }
            return hasContent ? .content : .line
        }
        if line.starts(with: "data:".utf8) {
            hasContent = hasContent || Self.isContent(line.dropFirst(5))
            return .line
        }
        return Self.isContent(line[...]) ? .content : .line
    }

    /// Whether a JSON document of Ollama's or OpenAI's API has text for the reader.
    private static func isContent(_ json: ArraySlice<UInt8>) -> Bool {
        guard let piece = try? JSONDecoder().decode(Piece.self, from: Data(json)) else {
            return false
        }
        let texts = [
            piece.message?.content, piece.response, piece.choices?.first?.delta?.content, piece.choices?.first?.text,
        ]
        return texts.contains { $0?.isEmpty == false }
    }

    private struct Piece: Decodable {
        let message: Text?
        let response: String?
        let choices: [Choice]?

        struct Text: Decodable {
            let content: String?
        }

        struct Choice: Decodable {
            let delta: Text?
            let text: String?
        }
    }
}
