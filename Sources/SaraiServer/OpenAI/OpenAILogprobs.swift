import SaraiCore

/// The probabilities of an answer's tokens, as chats tell them.
struct OpenAIChatLogprobs: Encodable {
    let content: [Token]

    init(_ tokens: [TokenLogprobs]) {
        content = tokens.map { Token($0.chosen, top: $0.top.map { Token($0) }) }
    }

    /// A token; Ollama writes them in the same way.
    struct Token: Encodable {
        private let token: String
        private let logprob: Double
        private let bytes: [UInt8]
        private let top: [Token]?

        init(_ token: TokenLogprob, top: [Token]? = nil) {
            self.token = token.text
            logprob = token.logprob
            bytes = token.bytes ?? Array(token.text.utf8)
            self.top = top
        }

        private enum CodingKeys: String, CodingKey {
            case token, logprob, bytes
            case top = "top_logprobs"
        }
    }
}

/// The probabilities of an answer's tokens, as completions tell them.
struct OpenAICompletionLogprobs: Encodable {
    private let tokens: [String]
    private let tokenLogprobs: [Double]
    private let topLogprobs: [JSONValue]
    private let textOffset: [Int]
    /// Where the text ends, in characters.
    let end: Int

    /// The probabilities of tokens whose text begins at `offset`, in characters.
    init(_ tokens: [TokenLogprobs], offset: Int) {
        var end = offset
        var offsets: [Int] = []
        for token in tokens {
            offsets.append(end)
            end += token.chosen.text.unicodeScalars.count
        }
        self.tokens = tokens.map(\.chosen.text)
        tokenLogprobs = tokens.map(\.chosen.logprob)
        topLogprobs = tokens.map { token in
            var top = JSONObject()
            for other in token.top {
                top[other.text] = .number(other.logprob)
            }
            return .object(top)
        }
        textOffset = offsets
        self.end = end
    }

    private enum CodingKeys: String, CodingKey {
        case tokens
        case tokenLogprobs = "token_logprobs"
        case topLogprobs = "top_logprobs"
        case textOffset = "text_offset"
    }
}
