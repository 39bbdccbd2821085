import SaraiCore

/// What the chat template of a worker's model can express. What it cannot, the engine leaves out without a word.
struct EngineTemplate: Decodable, Sendable {
    private let template: String?
    private let abilities: Abilities?

    private enum CodingKeys: String, CodingKey {
        case template = "chat_template"
        case abilities = "chat_template_caps"
    }

    private struct Abilities: Decodable, Sendable {
        let tools: Bool?
        let reasoningEffort: Bool?

        private enum CodingKeys: String, CodingKey {
            case tools = "supports_tools"
            case reasoningEffort = "supports_reasoning_effort"
        }
    }

    /// Whether a request asks for something that not every template has.
    static func matters(for request: GenerationRequest) -> Bool {
        !request.tools.isEmpty || request.asksForThoughts
    }

    /// Refuses what the template, or the engine, would leave out.
    ///
    /// - Throws: ``BackendError`` with `unsupported`.
    func check(_ request: GenerationRequest) throws(BackendError) {
        // An engine that tells nothing is taken at its word.
        if !request.tools.isEmpty, request.toolChoice != .never, abilities?.tools == false {
            throw BackendError(
                .unsupported,
                "does not support tools: its chat template has no place for them (key chat_template names a file with one)"
            )
        }
        if !request.tools.isEmpty, request.topLogprobs != nil {
            throw BackendError(.unsupported, "llama-server tells no probabilities of tokens beside tools")
        }
        if !request.tools.isEmpty, request.format != nil, request.toolChoice != .never {
            throw BackendError(.unsupported, "llama-server calls no tools where a format is prescribed")
        }
        guard request.asksForThoughts, let template, abilities?.reasoningEffort != true else {
            return
        }
        guard ["think", "reasoning"].contains(where: { template.contains($0) }) else {
            throw BackendError(.unsupported, "does not support thinking: its chat template has no place for thoughts")
        }
    }
}

extension GenerationRequest {
    /// Whether the model is to think, and said so.
    fileprivate var asksForThoughts: Bool {
        thinking == true || reasoningEffort.map { $0 != .off } ?? false
    }
}
