import SaraiCore

/// How tokens are chosen, as OpenAI's API writes it.
struct OpenAISampling: Encodable {
    let sampling: Sampling
    /// Whether the server knows llama.cpp's and vLLM's extra fields.
    let allowsExtensions: Bool

    private enum CodingKeys: String, CodingKey {
        case temperature, seed, stop
        case topP = "top_p"
        case topK = "top_k"
        case minP = "min_p"
        case presencePenalty = "presence_penalty"
        case frequencyPenalty = "frequency_penalty"
        case repeatPenalty = "repeat_penalty"
        case repetitionPenalty = "repetition_penalty"
        case repeatLastN = "repeat_last_n"
        case typicalP = "typical_p"
        case logitBias = "logit_bias"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(sampling.temperature, forKey: .temperature)
        try container.encodeIfPresent(sampling.topP, forKey: .topP)
        try container.encodeIfPresent(sampling.seed, forKey: .seed)
        try container.encodeIfPresent(sampling.presencePenalty, forKey: .presencePenalty)
        try container.encodeIfPresent(sampling.frequencyPenalty, forKey: .frequencyPenalty)
        if !sampling.stop.isEmpty {
            try container.encode(sampling.stop, forKey: .stop)
        }
        if !sampling.logitBias.isEmpty {
            let members = sampling.logitBias.map { ("\($0.key)", JSONValue.number($0.value)) }
            try container.encode(
                JSONValue.object(JSONObject(Dictionary(members) { first, _ in first })), forKey: .logitBias)
        }
        if allowsExtensions {
            try container.encodeIfPresent(sampling.topK, forKey: .topK)
            try container.encodeIfPresent(sampling.minP, forKey: .minP)
            // llama.cpp's name and vLLM's; each ignores the other's.
            try container.encodeIfPresent(sampling.repeatPenalty, forKey: .repeatPenalty)
            try container.encodeIfPresent(sampling.repeatPenalty, forKey: .repetitionPenalty)
            try container.encodeIfPresent(sampling.repeatLastN, forKey: .repeatLastN)
            try container.encodeIfPresent(sampling.typicalP, forKey: .typicalP)
        }
    }
}

extension Sampling {
    /// The same for llama-server, which has no word for the whole context where it looks for repetitions.
    ///
    /// - Parameter contextLength: tokens of context per slot.
    /// - Returns: what to send to it.
    func forEngine(contextLength: Int) -> Sampling {
        var sampling = self
        if sampling.repeatLastN == -1 {
            sampling.repeatLastN = contextLength
        }
        return sampling
    }
}
