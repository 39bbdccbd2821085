/// A request in Ollama's or OpenAI's API, as far as the mock reads it.
struct MockRequest: Decodable {
    let model: String
    private let messages: [Message]?
    private let prompt: Texts?
    private let input: Texts?
    let stream: Bool?
    private let maxTokens: Int?
    private let maxCompletionTokens: Int?
    private let stop: Texts?
    private let options: Options?
    private let streamOptions: StreamOptions?
    let encodingFormat: String?

    private enum CodingKeys: String, CodingKey {
        case model, messages, prompt, input, stream, stop, options
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
        case streamOptions = "stream_options"
        case encodingFormat = "encoding_format"
    }

    private struct Message: Decodable {
        let role: String
        let content: Content?
    }

    private struct Options: Decodable {
        let numPredict: Int?
        let stop: Texts?

        private enum CodingKeys: String, CodingKey {
            case numPredict = "num_predict"
            case stop
        }
    }

    private struct StreamOptions: Decodable {
        let includeUsage: Bool?

        private enum CodingKeys: String, CodingKey {
            case includeUsage = "include_usage"
        }
    }

    /// The beginning of the answer may be in here: the last message if it is the assistant's, or the prompt.
    var beginning: String {
        if let last = messages?.last {
            return last.role == "assistant" ? last.content?.text ?? "" : ""
        }
        return prompt?.texts.last ?? ""
    }

    /// Everything that the model reads.
    var promptTexts: [String] {
        messages?.map { $0.content?.text ?? "" } ?? prompt?.texts ?? []
    }

    /// What embeddings are wanted of.
    var inputs: [String] {
        input?.texts ?? prompt?.texts ?? []
    }

    /// Tokens at most; `nil` is no limit, which Ollama also writes as a negative number.
    var limit: Int? {
        (maxCompletionTokens ?? maxTokens ?? options?.numPredict).flatMap { $0 < 0 ? nil : $0 }
    }

    /// Texts that end the answer.
    var stops: [String] {
        stop?.texts ?? options?.stop?.texts ?? []
    }

    /// Whether a stream ends with its usage, in OpenAI's API.
    var includesUsage: Bool {
        streamOptions?.includeUsage ?? false
    }

    /// A text, or several.
    private struct Texts: Decodable {
        let texts: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            texts = try (try? [container.decode(String.self)]) ?? container.decode([String].self)
        }
    }

    /// A text, or parts of which some are texts.
    private struct Content: Decodable {
        let text: String

        private struct Part: Decodable {
            let text: String?
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            text =
                try (try? container.decode(String.self))
                ?? container.decode([Part].self).compactMap(\.text).joined(separator: " ")
        }
    }
}
