import AsyncHTTPClient
import SaraiCore

/// The chat template of a worker, for continuing an answer exactly.
///
/// llama-server continues an assistant message itself, but puts an empty block of thoughts before it where the template
/// knows of thoughts (LFM2), and garbles the prompt of others (Phi-3.5). So the prompt is rendered without the message and
/// its text put after it: the tokens are then those that the model would have seen had it written the text itself.
struct ChatTemplate {
    let upstream: UpstreamClient
    let model: String

    /// The request as a plain completion, where this continues its answer exactly.
    ///
    /// - Returns: the request as it is where its answer has not begun; where the answer needs the template's parser (tools,
    ///   a format) or media; and where the template puts something between the prompt and the answer, which only the
    ///   engine knows (thoughts that are always opened, channels).
    /// - Throws: ``BackendError``.
    func continuing(_ request: GenerationRequest) async throws -> GenerationRequest {
        guard case .chat(let messages) = request.prompt, let text = request.continuation, !text.isEmpty,
            messages.last?.role != .assistant, request.tools.isEmpty, request.format == nil, request.media.isEmpty
        else {
            return request
        }
        let prompt = try await prompt(of: messages, in: request)
        let followed = messages + [Message(role: .assistant, text: Self.answer), Message(role: .user, text: "Good.")]
        guard let conversation = try? await self.prompt(of: followed, in: request),
            Self.answerFollows(prompt, in: conversation)
        else {
            return request
        }
        return GenerationRequest(
            prompt: .completion(prompt + text), sampling: request.sampling, topLogprobs: request.topLogprobs)
    }

    /// A finished answer; what it says does not matter.
    static let answer = "Yes."

    /// Whether a template that makes `prompt` puts an answer directly behind it, white space aside.
    ///
    /// - Parameters:
    ///   - prompt: a conversation that waits for an answer.
    ///   - conversation: the same conversation going on with ``answer``.
    /// - Returns: whether it does.
    static func answerFollows(_ prompt: String, in conversation: String) -> Bool {
        let conversation = conversation.utf8
        guard conversation.starts(with: prompt.utf8) else {
            return false
        }
        let rest = conversation.dropFirst(prompt.utf8.count).drop {
            $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n")
        }
        return rest.starts(with: answer.utf8)
    }

    private func prompt(of messages: [Message], in request: GenerationRequest) async throws -> String {
        struct Answer: Decodable {
            let prompt: String
        }
        var request = request
        request.prompt = .chat(messages)
        request.continuation = nil
        let body = OpenAIRequestBody(model: model, request: request, allowsExtensions: true)
        return try await upstream.post("/apply-template", encoding: body).body.decode(Answer.self).prompt
    }
}
