import SaraiCore

/// The probabilities of a chunk's tokens, in either of the two shapes that OpenAI's API has: `content` of chats, which llama-server
/// uses for completions too, and the older one of completions.
struct OpenAILogprobs: Decodable {
    /// The tokens, in order.
    let tokens: [TokenLogprobs]

    private enum CodingKeys: String, CodingKey {
        case content, tokens
        case tokenLogprobs = "token_logprobs"
        case topLogprobs = "top_logprobs"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let content = try container.decodeIfPresent([Token].self, forKey: .content) {
            tokens = content.map { token in
                TokenLogprobs(chosen: token.logprob, top: (token.topLogprobs ?? []).map(\.logprob))
            }
            return
        }
        let texts = try container.decodeIfPresent([String].self, forKey: .tokens) ?? []
        let logprobs = try container.decodeIfPresent([Double?].self, forKey: .tokenLogprobs) ?? []
        let tops = try container.decodeIfPresent([[String: Double]?].self, forKey: .topLogprobs) ?? []
        tokens = zip(texts, logprobs).enumerated().compactMap { index, token in
            let top = (tops.indices.contains(index) ? tops[index] : nil) ?? [:]
            return token.1.map { logprob in
                TokenLogprobs(
                    chosen: TokenLogprob(text: token.0, bytes: nil, logprob: logprob),
                    top: top.sorted { $0.value > $1.value }
                        .map { TokenLogprob(text: $0.key, bytes: nil, logprob: $0.value) })
            }
        }
    }

    /// A token, or one of the others that might have stood in its place. Ollama writes them in the same way.
    struct Token: Decodable {
        let token: String
        let bytes: [UInt8]?
        /// Nothing, where the probability is 0.
        let value: Double?
        let topLogprobs: [Token]?

        private enum CodingKeys: String, CodingKey {
            case token, bytes
            case value = "logprob"
            case topLogprobs = "top_logprobs"
        }

        /// The token alone.
        var logprob: TokenLogprob {
            TokenLogprob(text: token, bytes: bytes, logprob: value ?? -9999)
        }
    }
}

extension [TokenLogprobs] {
    /// The tokens with as many alternatives as were asked for: a server may tell more.
    func withTop(_ count: Int) -> [TokenLogprobs] {
        map { TokenLogprobs(chosen: $0.chosen, top: Array<TokenLogprob>($0.top.prefix(count))) }
    }
}
