import SaraiCore

/// Ollama's `options`.
struct OllamaOptions: Decodable {
    let sampling: Sampling
    /// Options that Sarai does not know, or that are a matter of the configuration. Ollama ignores such; so do we, with
    /// a line in the log.
    let ignored: [String]

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        var sampling = Sampling()
        sampling.temperature = try fields.optional("temperature", in: SamplingRange.temperature)
        sampling.topP = try fields.optional("top_p", in: SamplingRange.probability)
        sampling.topK = try fields.optional("top_k", in: SamplingRange.topK)
        sampling.minP = try fields.optional("min_p", in: SamplingRange.probability)
        sampling.seed = try fields.optional("seed")
        // −1 is "no limit" and −2 "until the context is full": both are what happens without a limit.
        if let count: Int = try fields.optional("num_predict", in: -2...SamplingRange.tokens.upperBound), count > 0 {
            sampling.maxTokens = count
        }
        sampling.presencePenalty = try fields.optional("presence_penalty", in: SamplingRange.penalty)
        sampling.frequencyPenalty = try fields.optional("frequency_penalty", in: SamplingRange.penalty)
        sampling.repeatPenalty = try fields.optional("repeat_penalty", in: SamplingRange.repeatPenalty)
        sampling.repeatLastN = try fields.optional("repeat_last_n", in: SamplingRange.repeatLastN)
        sampling.typicalP = try fields.optional("typical_p", in: SamplingRange.probability)
        sampling.stop = try fields.stops("stop")
        self.sampling = sampling
        ignored = fields.unread(Self.members)
    }
}

/// Ollama's `format`: `"json"` or a JSON schema.
struct OllamaFormat: Decodable {
    let format: ResponseFormat?

    init(from decoder: any Decoder) throws {
        switch try decoder.singleValueContainer().decode(JSONValue.self) {
        case .string("json"): format = .json
        case .string(""), .null: format = nil
        case .object(let members): format = .schema(.object(members))
        default: throw PoolError(.invalidRequest, "format: expected \"json\" or a JSON schema")
        }
    }
}

/// Ollama's `images`: base64 without a prefix. Sounds are taken in the same place.
struct OllamaMedia: Decodable {
    let media: Media

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let media = Media(base64OrDataURL: text) else {
            let formats = Media.Format.allCases.map(\.rawValue).joined(separator: ", ")
            throw PoolError(.invalidRequest, "images: not a file in base64 of one of the formats \(formats)")
        }
        self.media = media
    }
}
