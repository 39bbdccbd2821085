import SaraiCore

/// A gap in a text as llama-server's own `/infill` takes it. OpenAI's `suffix` is unknown to it.
struct InfillRequestBody: Encodable {
    let prefix: String
    let suffix: String
    let sampling: Sampling
    var format: ResponseFormat?

    private enum CodingKeys: String, CodingKey {
        case prompt, stream
        case jsonSchema = "json_schema"
        case prefix = "input_prefix"
        case suffix = "input_suffix"
        case maxTokens = "n_predict"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(prefix, forKey: .prefix)
        try container.encode(suffix, forKey: .suffix)
        // What stands between the two parts so far.
        try container.encode("", forKey: .prompt)
        try container.encode(true, forKey: .stream)
        try container.encodeIfPresent(sampling.maxTokens, forKey: .maxTokens)
        try container.encodeIfPresent(format?.schema, forKey: .jsonSchema)
        try OpenAISampling(sampling: sampling, allowsExtensions: true).encode(to: encoder)
    }
}

/// One event of an answer of `/infill`.
struct InfillChunk: Decodable {
    let content: String
    let isLast: Bool
    let stopType: String?
    let promptTokens: Int?
    let completionTokens: Int?
    let timings: OpenAIChunk.Timings?

    private enum CodingKeys: String, CodingKey {
        case content, timings
        case isLast = "stop"
        case stopType = "stop_type"
        case promptTokens = "tokens_evaluated"
        case completionTokens = "tokens_predicted"
    }
}

/// Turns a stream of ``InfillChunk`` into events.
struct InfillChunkReader: AnswerReader {
    private(set) var completion: Completion?

    var isOver: Bool { completion != nil }

    mutating func read(_ chunk: InfillChunk) -> [GenerationEvent] {
        if chunk.isLast {
            var usage = Usage()
            usage.promptTokens = chunk.promptTokens ?? 0
            usage.completionTokens = chunk.completionTokens ?? 0
            usage.promptDuration = chunk.timings.map { .milliseconds(fraction: $0.promptMilliseconds) }
            usage.completionDuration = chunk.timings.map { .milliseconds(fraction: $0.predictedMilliseconds) }
            completion = Completion(reason: chunk.stopType == "limit" ? .length : .stop, usage: usage)
        }
        return chunk.content.isEmpty ? [] : [.content(chunk.content)]
    }
}
