import SaraiCore

/// The conversation so far, as `/api/generate` gives it to its clients, who send it back with the next prompt.
///
/// Ollama's is the tokens of the conversation, which only the model that made them can read. Clients look at none of the
/// numbers, so these are the conversation itself, as bytes: whichever target answers next can go on with it.
struct OllamaContext: Hashable {
    private struct Turn: Hashable, Codable {
        let role: Message.Role
        let content: String
    }

    private var turns: [Turn]

    /// What the numbers of this kind begin with: the bytes of `sarai1`.
    private static let marker = Array("sarai1".utf8)

    /// Bytes of a conversation at most. Each becomes up to four of the request that brings it back.
    private static let maximumSize = 256 << 10

    /// The conversation of a request, as far as it is text: like Ollama's, it has the pictures of earlier turns no more.
    ///
    /// - Returns: `nil` where the request is none of a conversation.
    init?(of request: GenerationRequest) {
        guard case .chat(let messages) = request.prompt else {
            return nil
        }
        turns = messages.map { Turn(role: $0.role, content: $0.text) }
    }

    /// Reads a conversation that was given out earlier.
    ///
    /// - Throws: ``SaraiCore/PoolError`` with `invalidRequest` for numbers that were not.
    init(numbers: [Int]) throws(PoolError) {
        let bytes = numbers.compactMap(UInt8.init(exactly:))
        guard bytes.count == numbers.count, bytes.starts(with: Self.marker), bytes.count <= Self.maximumSize,
            let turns = try? JSONCoding.decode(
                [Turn].self, from: String(decoding: bytes.dropFirst(Self.marker.count), as: UTF8.self))
        else {
            throw PoolError(
                .invalidRequest,
                "context: not one that Sarai gave out; take it from the answer before, or send the conversation to "
                    + "/api/chat")
        }
        self.turns = turns
    }

    /// The conversation as messages.
    ///
    /// - Parameter system: an instruction that takes the place of the one that the conversation has; empty for none.
    /// - Returns: the messages, instructions first.
    func messages(system: String) -> [Message] {
        let kept = system.isEmpty ? turns : turns.filter { $0.role != .system }
        return (system.isEmpty ? [] : [Message(role: .system, text: system)])
            + kept.map { Message(role: $0.role, text: $0.content) }
    }

    /// The numbers for the client, once the answer is there.
    ///
    /// - Parameter answer: what the model said.
    /// - Returns: `nil` where the conversation has become too long to be carried so.
    func numbers(answeredBy answer: String) -> [Int]? {
        let turns = turns + [Turn(role: .assistant, content: answer)]
        guard let json = try? JSONCoding.encode(turns), Self.marker.count + json.count <= Self.maximumSize else {
            return nil
        }
        return (Self.marker + json).map(Int.init)
    }
}
