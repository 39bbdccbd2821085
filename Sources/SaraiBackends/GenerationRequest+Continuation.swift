import SaraiCore

extension GenerationRequest {
    /// Whether the answer has begun.
    var isContinued: Bool {
        continuation?.isEmpty == false
    }

    /// The prompt with the begun answer at its end: the last message of a conversation, or after a text.
    var promptWithContinuation: Prompt {
        guard let continuation, isContinued else {
            return prompt
        }
        switch prompt {
        case .chat(let messages): return .chat(messages + [Message(role: .assistant, text: continuation)])
        case .completion(let text): return .completion(text + continuation)
        case .infill(let prefix, let suffix): return .infill(prefix: prefix + continuation, suffix: suffix)
        }
    }
}
