import Foundation
import SaraiCore

/// A ``GenerationRequest`` as Ollama's API writes it, for `/api/chat` or, where the prompt is raw text, `/api/generate`.
struct OllamaRequestBody: Encodable {
    private let model: String
    private let messages: [OllamaMessage]?
    private let prompt: String?
    private let raw: Bool?
    private let stream = true
    private let tools: [JSONValue]?
    private let format: JSONValue?
    private let think: Bool?
    private let options: OllamaOptions

    /// Translates a request. Ollama continues an assistant message at the end of a conversation, and does not repeat it.
    ///
    /// - Throws: ``BackendError`` with `unsupported` for what Ollama's API cannot say.
    init(model: String, request: GenerationRequest) throws {
        guard request.toolChoice == nil || request.toolChoice == .string("auto") else {
            throw BackendError(.unsupported, "Ollama's API has no tool_choice")
        }
        self.model = model
        switch request.promptWithContinuation {
        case .chat(let messages):
            self.messages = try messages.map(OllamaMessage.init)
            prompt = nil
            raw = nil
        case .completion(let text):
            messages = nil
            prompt = text
            raw = true
        }
        tools = request.tools.isEmpty ? nil : request.tools
        format =
            switch request.format {
            case nil: nil
            case .json: .string("json")
            case .schema(let schema): schema
            }
        think = request.thinking
        options = OllamaOptions(request.sampling)
    }
}

/// A message as Ollama's API writes it.
private struct OllamaMessage: Encodable {
    private let role: String
    private let content: String
    private let images: [String]?
    private let toolCalls: [Call]?
    private let toolName: String?

    private enum CodingKeys: String, CodingKey {
        case role, content, images
        case toolCalls = "tool_calls"
        case toolName = "tool_name"
    }

    private struct Call: Encodable {
        let function: Function

        struct Function: Encodable {
            let name: String
            let arguments: JSONValue
        }
    }

    init(_ message: Message) throws {
        if let media = message.media.first(where: { $0.kind != .image }) {
            throw BackendError(.unsupported, "Ollama's API takes no \(media.kind.rawValue)")
        }
        role = message.role == .developer ? Message.Role.system.rawValue : message.role.rawValue
        content = message.text
        images = message.media.isEmpty ? nil : message.media.map(\.base64)
        toolCalls =
            message.toolCalls.isEmpty
            ? nil
            : message.toolCalls.map { call in
                let arguments = try? JSONDecoder().decode(JSONValue.self, from: Data(call.arguments.utf8))
                return Call(function: .init(name: call.name, arguments: arguments ?? .object([:])))
            }
        toolName = message.toolName
    }
}

/// Ollama's `options`, as far as Sarai's requests have them.
private struct OllamaOptions: Encodable {
    private let sampling: Sampling

    private enum CodingKeys: String, CodingKey {
        case temperature, seed, stop
        case topP = "top_p"
        case topK = "top_k"
        case minP = "min_p"
        case numPredict = "num_predict"
        case presencePenalty = "presence_penalty"
        case frequencyPenalty = "frequency_penalty"
        case repeatPenalty = "repeat_penalty"
    }

    init(_ sampling: Sampling) {
        self.sampling = sampling
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(sampling.temperature, forKey: .temperature)
        try container.encodeIfPresent(sampling.seed, forKey: .seed)
        try container.encodeIfPresent(sampling.topP, forKey: .topP)
        try container.encodeIfPresent(sampling.topK, forKey: .topK)
        try container.encodeIfPresent(sampling.minP, forKey: .minP)
        try container.encodeIfPresent(sampling.maxTokens, forKey: .numPredict)
        try container.encodeIfPresent(sampling.presencePenalty, forKey: .presencePenalty)
        try container.encodeIfPresent(sampling.frequencyPenalty, forKey: .frequencyPenalty)
        try container.encodeIfPresent(sampling.repeatPenalty, forKey: .repeatPenalty)
        if !sampling.stop.isEmpty {
            try container.encode(sampling.stop, forKey: .stop)
        }
    }
}
