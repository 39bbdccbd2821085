import NIOCore

/// One of the four ways in which an answer is written.
enum MockAnswerFormat: CaseIterable {
    case ollamaChat
    case ollamaGenerate
    case openAIChat
    case openAICompletion

    /// What it cost, in tokens, and what the mock claims that it took, in nanoseconds.
    struct Usage {
        var promptTokens: Int
        var completionTokens: Int
        var promptNanoseconds: Int
        var completionNanoseconds: Int
    }

    /// Every answer was made at this time, 2026-01-01.
    static let created = 1_767_225_600
    /// The same as Ollama writes it.
    static let createdAt = "2026-01-01T00:00:00Z"

    /// Whether this is Ollama's API, which streams unless told otherwise, lines of JSON.
    var isOllama: Bool {
        self == .ollamaChat || self == .ollamaGenerate
    }

    /// The `Content-Type` of a stream.
    var streamType: String {
        isOllama ? "application/x-ndjson" : "text/event-stream"
    }

    /// The event that comes before the first piece; empty where there is none.
    func opening(model: String) -> String {
        guard self == .openAIChat else {
            return ""
        }
        return event(model, choice: #""delta":{"role":"assistant","content":""}"#, reason: nil)
    }

    /// Writes the event for one piece.
    ///
    /// - Parameters:
    ///   - text: without anything that JSON escapes.
    ///   - model: the model's name as a JSON string, here and in the others.
    /// - Returns: a line of JSON, or an event of SSE.
    func piece(_ text: String, model: String) -> String {
        switch self {
        case .ollamaChat, .ollamaGenerate: "{\(ollamaHead(model, text: text)),\"done\":false}\n"
        case .openAIChat: event(model, choice: "\"delta\":{\"content\":\"\(text)\"}", reason: nil)
        case .openAICompletion: event(model, choice: "\"text\":\"\(text)\"", reason: nil)
        }
    }

    /// What comes after the last piece.
    func closing(model: String, reason: String, usage: Usage, includesUsage: Bool) -> String {
        if isOllama {
            return whole("", model: model, reason: reason, usage: usage) + "\n"
        }
        let choice = self == .openAIChat ? #""delta":{}"# : #""text":"""#
        let usageEvent = "data: {\(openAIHead(model, isChunk: true)),\"choices\":[],\(openAIUsage(usage))}\n\n"
        return event(model, choice: choice, reason: reason) + (includesUsage ? usageEvent : "") + "data: [DONE]\n\n"
    }

    /// A whole answer in one document.
    func whole(_ text: String, model: String, reason: String, usage: Usage) -> String {
        switch self {
        case .ollamaChat, .ollamaGenerate:
            return
                "{\(ollamaHead(model, text: text)),\"done\":true,\"done_reason\":\"\(reason)\",\(ollamaUsage(usage))}"
        case .openAIChat, .openAICompletion:
            let content =
                self == .openAIChat
                ? "\"message\":{\"role\":\"assistant\",\"content\":\"\(text)\"}" : "\"text\":\"\(text)\""
            return "{\(openAIHead(model, isChunk: false)),\"choices\":[{\"index\":0,\(content),"
                + "\"finish_reason\":\"\(reason)\"}],\(openAIUsage(usage))}"
        }
    }

    private func ollamaHead(_ model: String, text: String) -> String {
        let content =
            self == .ollamaChat
            ? "\"message\":{\"role\":\"assistant\",\"content\":\"\(text)\"}" : "\"response\":\"\(text)\""
        return "\"model\":\(model),\"created_at\":\"\(Self.createdAt)\",\(content)"
    }

    private func ollamaUsage(_ usage: Usage) -> String {
        "\"total_duration\":\(usage.promptNanoseconds + usage.completionNanoseconds),\"load_duration\":0,"
            + "\"prompt_eval_count\":\(usage.promptTokens),\"prompt_eval_duration\":\(usage.promptNanoseconds),"
            + "\"eval_count\":\(usage.completionTokens),\"eval_duration\":\(usage.completionNanoseconds)"
    }

    private func event(_ model: String, choice: String, reason: String?) -> String {
        "data: {\(openAIHead(model, isChunk: true)),\"choices\":[{\"index\":0,\(choice),"
            + "\"finish_reason\":\(reason.map { "\"\($0)\"" } ?? "null")}]}\n\n"
    }

    private func openAIHead(_ model: String, isChunk: Bool) -> String {
        let (id, object) =
            self == .openAIChat
            ? ("chatcmpl-mock", isChunk ? "chat.completion.chunk" : "chat.completion")
            : ("cmpl-mock", "text_completion")
        return "\"id\":\"\(id)\",\"object\":\"\(object)\",\"created\":\(Self.created),\"model\":\(model)"
    }

    private func openAIUsage(_ usage: Usage) -> String {
        "\"usage\":{\"prompt_tokens\":\(usage.promptTokens),\"completion_tokens\":\(usage.completionTokens),"
            + "\"total_tokens\":\(usage.promptTokens + usage.completionTokens)}"
    }
}
