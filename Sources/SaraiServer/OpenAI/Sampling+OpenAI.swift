import SaraiCore

extension Sampling {
    /// Reads how tokens are to be chosen from a request of OpenAI's API.
    ///
    /// - Throws: ``SaraiCore/PoolError`` with `invalidRequest`.
    init(_ fields: RequestFields) throws {
        self.init()
        temperature = try fields.optional("temperature", in: SamplingRange.temperature)
        topP = try fields.optional("top_p", in: SamplingRange.probability)
        topK = try fields.optional("top_k", in: SamplingRange.topK)
        minP = try fields.optional("min_p", in: SamplingRange.probability)
        seed = try fields.optional("seed")
        maxTokens =
            try fields.optional("max_completion_tokens", in: SamplingRange.tokens)
            ?? fields.optional("max_output_tokens", in: SamplingRange.tokens)
            ?? fields.optional("max_tokens", in: SamplingRange.tokens)
        presencePenalty = try fields.optional("presence_penalty", in: SamplingRange.penalty)
        frequencyPenalty = try fields.optional("frequency_penalty", in: SamplingRange.penalty)
        let repetitionPenalty = try fields.optional("repetition_penalty", in: SamplingRange.repeatPenalty)
        repeatPenalty = try fields.optional("repeat_penalty", in: SamplingRange.repeatPenalty) ?? repetitionPenalty
        stop = try fields.stops("stop")
        logitBias = try Self.logitBias(fields)
    }

    private static func logitBias(_ fields: RequestFields) throws -> [Int: Double] {
        let biases = try fields.optional("logit_bias", as: [String: Double].self) ?? [:]
        guard biases.count <= 1024 else {
            throw PoolError(.invalidRequest, "logit_bias: more than 1024 tokens")
        }
        var byToken: [Int: Double] = [:]
        for (text, bias) in biases {
            guard let token = Int(text), token >= 0, (-100...100).contains(bias) else {
                throw PoolError(
                    .invalidRequest,
                    "logit_bias: expected token numbers with values from -100 to 100, found '\(text.prefix(32))': \(bias)"
                )
            }
            byToken[token] = bias
        }
        return byToken
    }
}

extension RequestFields {
    /// How much a reasoning model is to think.
    func reasoningEffort(_ name: String) throws -> ReasoningEffort? {
        guard let text: String = try optional(name) else {
            return nil
        }
        guard let effort = ReasoningEffort(rawValue: text) else {
            let known = ReasoningEffort.allCases.map(\.rawValue).joined(separator: ", ")
            throw PoolError(.invalidRequest, "\(name): '\(text.prefix(32))' is none of \(known)")
        }
        return effort
    }
}
