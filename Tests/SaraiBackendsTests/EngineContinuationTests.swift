import AsyncHTTPClient
import SaraiCore
import Testing

@testable import SaraiBackends

/// How the engine itself continues answers, and how a worker does.
@Suite(.enabled(if: Installation.isComplete), .serialized) struct EngineContinuationTests {
    private static let messages = [Message(role: .user, text: "Tell me a short story about a cat named Luna.")]
    /// Short ones, ones that end in white space, that begin with it, that are in the middle of a word, of an emoji, of
    /// what would come again.
    private static let prefixes = [
        "O", "Once", "Once ", "Once upon a time\n", "Once upon a time\n\n", " Lead", "\nLead", " ", "\n",
        "¡Hola, señor! 🐈", "🐈\u{200D}⬛ ", "Luna Luna Luna", "Tab\t", "end.  ",
    ]

    private func generate(
        _ backend: OpenAIBackend, _ prompt: GenerationRequest.Prompt, continuing text: String? = nil, tokens: Int = 8,
        stop: [String] = []
    ) async throws -> (text: String, completion: Completion) {
        var request = GenerationRequest(prompt: prompt, continuation: text)
        request.sampling.temperature = 0
        request.sampling.maxTokens = tokens
        request.sampling.stop = stop
        let outcome = await BackendHarness.collect(backend, request)
        guard outcome.error == nil, case .finished(let completion) = outcome.events.last else {
            throw outcome.error ?? BackendError(.brokenOff, "no end")
        }
        return (outcome.text, completion)
    }

    private func withBackend(_ body: (OpenAIBackend, UpstreamClient) async throws -> Void) async throws {
        _ = try await withEngine { worker in
            try await worker.ready()
            try await UpstreamClient.withHTTPClient(connectTimeout: .seconds(2), connectionsPerServer: 4) { client in
                let limits = BackendLimits(firstToken: .seconds(60), stall: .seconds(60))
                try await body(
                    OpenAIBackend(
                        client: client, workerSocket: worker.socket, model: "m", worker: .init(contextLength: 2048),
                        limits: limits),
                    UpstreamClient(client: client, endpoint: .unixSocket(worker.socket)))
            }
        }
    }

    @Test func aWorkerSeesThePromptAndTheTextVerbatim() async throws {
        struct Answer: Decodable {
            let prompt: String
        }
        try await withBackend { backend, upstream in
            let chat = GenerationRequest.Prompt.chat(Self.messages)
            let body = OpenAIRequestBody(model: "m", request: .init(prompt: chat), allowsExtensions: true)
            let prompt = try await upstream.post("/apply-template", encoding: body).body.decode(Answer.self).prompt
            #expect(prompt.hasSuffix("<|im_start|>assistant\n"))
            for prefix in Self.prefixes {
                // The first time fills the engine's cache, so that the other two compute the same.
                _ = try await generate(backend, chat, continuing: prefix, tokens: 1)
                let continued = try await generate(backend, chat, continuing: prefix)
                let completed = try await generate(backend, .completion(prompt + prefix))
                #expect(continued.text == completed.text && !continued.text.isEmpty, "\(prefix.debugDescription)")
                let tokens = try await backend.countTokens(prompt + prefix)
                #expect(continued.completion.usage.promptTokens == tokens, "\(prefix.debugDescription)")
            }
        }
    }

    /// What backends rely on where a llama-server is not a worker: it repeats what it continues, unless it is told both.
    @Test func theEngineRepeatsWhatItContinuesUnlessToldNotTo() async throws {
        try await withBackend { backend, upstream in
            let prefix = "Once upon a time, there was a cat"
            let chat = GenerationRequest.Prompt.chat(Self.messages + [Message(role: .assistant, text: prefix)])
            let repeated = try await generate(backend, chat)
            #expect(repeated.text.hasPrefix(prefix) && repeated.text.count > prefix.count)
            // A format is what a worker's engine continues by itself.
            var request = GenerationRequest(
                prompt: .chat(Self.messages), continuation: "{\"name\": \"Lu", format: .json)
            request.sampling.temperature = 0
            request.sampling.maxTokens = 8
            let outcome = await BackendHarness.collect(backend, request)
            #expect(outcome.error == nil && !outcome.text.isEmpty && !outcome.text.contains("name"))
        }
    }

    @Test func aStopTextInWhatIsContinuedStopsNothing() async throws {
        try await withBackend { backend, _ in
            let chat = GenerationRequest.Prompt.chat(Self.messages)
            let prefix = "Once upon a time, there was a cat"
            let plain = try await generate(backend, chat, continuing: prefix)
            let stopped = try await generate(
                backend, chat, continuing: prefix, stop: ["upon", "cat\(plain.text.prefix(3))"])
            #expect(stopped.completion.usage.completionTokens == 8 && stopped.completion.reason == .length)
        }
    }

    @Test func tokensAreCountedWithoutThoseOfEveryText() async throws {
        try await withBackend { backend, _ in
            let counts = (try await backend.countTokens(""), try await backend.countTokens("Once upon"))
            #expect(counts == (0, 2))
        }
    }
}
