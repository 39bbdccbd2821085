import SaraiCore

/// What `POST /api/generate` gives to the model.
struct OllamaPrompt {
    /// `nil` where there is nothing to answer.
    let prompt: GenerationRequest.Prompt?

    /// Reads a prompt and what stands around it.
    ///
    /// - Throws: ``SaraiCore/PoolError`` for what does not go together.
    init(_ fields: RequestFields) throws {
        if let template: JSONValue = try fields.optional("template"), template != .string("") {
            throw PoolError(
                .unsupported,
                "template: not supported; a chat template is a matter of the configuration (key chat_template); "
                    + "raw takes a text as it is")
        }
        let text: String = try fields.optional("prompt") ?? ""
        let suffix: String = try fields.optional("suffix") ?? ""
        let system: String = try fields.optional("system") ?? ""
        let media = try fields.optional("images", as: [OllamaMedia].self)?.map(\.media) ?? []
        let numbers: [Int] = try fields.optional("context") ?? []
        let context = numbers.isEmpty ? nil : try OllamaContext(numbers: numbers)
        let isRaw = try fields.optional("raw", as: Bool.self) ?? false

        /// These make a conversation, which neither a text nor a gap is.
        func refuseConversation(with name: String) throws(PoolError) {
            let others = [("system", system.isEmpty), ("images", media.isEmpty), ("context", context == nil)]
            for (other, isEmpty) in others where !isEmpty {
                throw PoolError(.unsupported, "\(other): not supported together with \(name)")
            }
        }
        if !suffix.isEmpty {
            try refuseConversation(with: "suffix")
            prompt = .infill(prefix: text, suffix: suffix)
        } else if text.isEmpty, media.isEmpty {
            prompt = nil
        } else if isRaw {
            try refuseConversation(with: "raw")
            prompt = .completion(text)
        } else {
            let instruction = system.isEmpty ? [] : [Message(role: .system, text: system)]
            let question = Message(role: .user, content: [.text(text)] + media.map(Message.Part.media))
            prompt = .chat((context?.messages(system: system) ?? instruction) + [question])
        }
    }
}
