import AsyncHTTPClient
import Hummingbird
import SaraiCore
import SaraiTestSupport
import Synchronization

@testable import SaraiBackends

/// Runs a backend against a stub server.
enum BackendHarness {
    /// Which backend.
    enum Kind: String, CaseIterable, Sendable {
        case ollama, openAI
    }

    /// The events of one generation, and the error that ended it, if one did.
    struct Outcome: Sendable {
        var events: [GenerationEvent] = []
        var error: BackendError?

        /// The content, joined.
        var text: String {
            events.reduce(into: "") { text, event in
                if case .content(let piece) = event {
                    text += piece
                }
            }
        }
    }

    /// Generates against a server that answers with `answer`.
    static func generate(
        _ kind: Kind, limits: BackendLimits = BackendLimits(firstToken: .seconds(10), stall: .seconds(10)),
        request: GenerationRequest = GenerationRequest(prompt: .chat([Message(role: .user, text: "hi")])),
        answering answer: @escaping @Sendable (Request) async throws -> Response
    ) async throws -> Outcome {
        try await StubUpstream.run(answering: answer) { url in
            try await withBackend(kind, url: url, limits: limits) { backend in
                await collect(backend, request)
            }
        }
    }

    /// Makes a backend for a server.
    static func withBackend<Result: Sendable>(
        _ kind: Kind, url: String, limits: BackendLimits, _ body: (any Backend) async throws -> Result
    ) async throws -> Result {
        try await UpstreamClient.withHTTPClient(connectTimeout: .seconds(2), connectionsPerServer: 4) { client in
            let backend: any Backend =
                switch kind {
                case .ollama: OllamaBackend(client: client, url: url, model: "m", apiKey: nil, limits: limits)
                case .openAI:
                    OpenAIBackend(client: client, endpoint: .url(url), model: "m", apiKey: nil, limits: limits)
                }
            return try await body(backend)
        }
    }

    /// Collects what a generation brings.
    static func collect(_ backend: any Backend, _ request: GenerationRequest) async -> Outcome {
        let events = Mutex<[GenerationEvent]>([])
        var error: BackendError?
        do {
            try await backend.generate(request) { event in events.withLock { $0.append(event) } }
        } catch let failure as BackendError {
            error = failure
        } catch let failure {
            error = BackendError(.malformedAnswer, "unexpected: \(failure)")
        }
        return Outcome(events: events.withLock { $0 }, error: error)
    }
}

extension Usage {
    /// Tokens without times.
    init(promptTokens: Int, completionTokens: Int) {
        self.init()
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
    }
}
