import AsyncHTTPClient
import SaraiCore

/// Counts tokens as llama-server has it, which other servers may have too.
struct OpenAITokenCount: Sendable {
    let upstream: UpstreamClient
    let model: String
    let limits: BackendLimits
    /// What there is to know of a worker of ours; `nil` for a server of the network.
    let worker: OpenAIBackend.Worker?

    /// The tokens of a text, without those that begin or end every text of the model.
    ///
    /// - Throws: ``BackendError``.
    func tokens(of text: String) async throws -> Int {
        try await StallWatchdog.watch(limits, isPaused: worker?.isPaused) { _ in
            try await tokens(of: text, addsSpecial: false)
        }
    }

    /// The tokens of a request's prompt, exactly as the server would make it. To be called under a ``StallWatchdog``.
    ///
    /// - Throws: ``BackendError``. A server without this route is `unsupported`: it may well serve other things.
    func promptTokens(of request: GenerationRequest) async throws -> Int {
        do {
            switch request.promptWithContinuation {
            case .chat:
                let body = OpenAIRequestBody(model: model, request: request, allowsExtensions: true)
                return try await upstream.post("/v1/chat/completions/input_tokens", encoding: body)
                    .body.decode(PromptAnswer.self).inputTokens
            case .completion(let text):
                return try await tokens(of: text, addsSpecial: true)
            case .infill:
                throw BackendError(.unsupported, "the engine makes a prompt of a gap, and does not count it")
            }
        } catch let error as BackendError where error.code == .modelMissing || error.code == .rejected(405) {
            throw BackendError(.unsupported, "the server counts no tokens of '\(model)': \(error.message)")
        }
    }

    /// The tokens of a text.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - addsSpecial: whether the engine adds the tokens that begin or end every text.
    /// - Returns: their number.
    /// - Throws: ``BackendError``.
    private func tokens(of text: String, addsSpecial: Bool) async throws -> Int {
        try await upstream.post("/tokenize", encoding: TextBody(content: text, addSpecial: addsSpecial))
            .body.decode(TextAnswer.self).tokens.count
    }

    private struct TextBody: Encodable, Sendable {
        let content: String
        let addSpecial: Bool

        private enum CodingKeys: String, CodingKey {
            case content
            case addSpecial = "add_special"
        }
    }

    private struct TextAnswer: Decodable, Sendable {
        let tokens: [Int]
    }

    private struct PromptAnswer: Decodable, Sendable {
        let inputTokens: Int

        private enum CodingKeys: String, CodingKey {
            case inputTokens = "input_tokens"
        }
    }
}
