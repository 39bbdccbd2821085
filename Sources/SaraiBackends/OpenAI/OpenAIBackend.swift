package import AsyncHTTPClient
package import NIOHTTP1
package import SaraiCore

/// Speaks to whatever has OpenAI's API: a server of the network, or a llama-server of our own.
package struct OpenAIBackend: Backend {
    private let upstream: UpstreamClient
    private let model: String
    private let limits: BackendLimits
    /// What there is to know of a worker of ours; `nil` for a server of the network.
    private let worker: Worker?
    private let onHeaders: @Sendable (HTTPHeaders) -> Void

    /// A backend for a server of the network, which is found healthy when it lists `model`.
    ///
    /// - Parameters:
    ///   - client: see ``UpstreamClient/withHTTPClient(connectTimeout:connectionsPerServer:_:)``.
    ///   - endpoint: the server, without `/v1`.
    ///   - model: the model's name on that server.
    ///   - apiKey: sent as a bearer token.
    ///   - trust: whom the server must be vouched for by; `nil` for the machine's authorities.
    ///   - limits: how long to wait.
    ///   - onHeaders: called with the headers of each generation's answer, before its first event.
    package init(
        client: HTTPClient, endpoint: Endpoint, model: String, apiKey: String?, trust: ServerTrust? = nil,
        limits: BackendLimits,
        onHeaders: @escaping @Sendable (HTTPHeaders) -> Void = { _ in }
    ) {
        upstream = UpstreamClient(client: client, endpoint: endpoint, bearerToken: apiKey, trust: trust)
        self.model = model
        self.limits = limits
        self.onHeaders = onHeaders
        worker = nil
    }

    /// What a backend needs to know of a worker of ours.
    package struct Worker: Sendable {
        /// Tokens of context per slot.
        let contextLength: Int
        /// Whether it is held now. What it then does not send says nothing against it.
        let isPaused: @Sendable () -> Bool

        /// A worker.
        package init(contextLength: Int, isPaused: @escaping @Sendable () -> Bool = { false }) {
            self.contextLength = contextLength
            self.isPaused = isPaused
        }
    }

    /// A backend for a worker of ours, which listens on a unix socket.
    package init(client: HTTPClient, workerSocket: String, model: String, worker: Worker, limits: BackendLimits) {
        upstream = UpstreamClient(client: client, endpoint: .unixSocket(workerSocket))
        self.model = model
        self.limits = limits
        onHeaders = { _ in }
        self.worker = worker
    }

    package func generate(
        _ request: GenerationRequest, emit: @escaping @Sendable (GenerationEvent) -> Void
    ) async throws {
        if worker != nil {
            try Self.requireVideoPrograms(for: request)
        }
        try await StallWatchdog.watch(limits, isPaused: worker?.isPaused) { watchdog in
            let request = try await prepared(request)
            let path: String
            switch request.promptWithContinuation {
            case .chat: path = "/v1/chat/completions"
            case .completion: path = "/v1/completions"
            case .infill(let prefix, let suffix):
                return try await fill(prefix, suffix, request, watchdog: watchdog, emit: emit)
            }
            try await ask(path, request, watchdog: watchdog, emit: emit)
        }
    }

    private func ask(
        _ path: String, _ request: GenerationRequest, watchdog: StallWatchdog,
        emit: @escaping @Sendable (GenerationEvent) -> Void
    ) async throws {
        let response = try await upstream.post(
            path,
            encoding: OpenAIRequestBody(
                model: model, request: request, allowsExtensions: true, isForWorker: worker != nil))
        onHeaders(response.headers)
        var answer = AnswerStream(
            OpenAIChunkReader(topLogprobs: request.topLogprobs), framing: .sse, watchdog: watchdog,
            needsLogprobs: request.topLogprobs != nil, emit: emit)
        try await answer.read(response.body)
    }

    /// Fills a gap. Not every model can, which servers report as faults of their own.
    private func fill(
        _ prefix: String, _ suffix: String, _ request: GenerationRequest, watchdog: StallWatchdog,
        emit: @escaping @Sendable (GenerationEvent) -> Void
    ) async throws {
        do {
            guard worker != nil else {
                return try await ask("/v1/completions", request, watchdog: watchdog, emit: emit)
            }
            guard request.topLogprobs == nil else {
                throw BackendError(.unsupported, "llama-server tells no probabilities of tokens that fill a gap")
            }
            let response = try await upstream.post(
                "/infill",
                encoding: InfillRequestBody(
                    prefix: prefix, suffix: suffix, sampling: request.sampling, format: request.format))
            var answer = AnswerStream(InfillChunkReader(), framing: .sse, watchdog: watchdog, emit: emit)
            try await answer.read(response.body)
        } catch let error as BackendError where Self.saysUnsupported(error) {
            throw BackendError(.unsupported, "cannot fill a gap (suffix): \(error.message)")
        }
    }

    private static func saysUnsupported(_ error: BackendError) -> Bool {
        switch error.code {
        case .serverError, .rejected: ["support", "suffix"].contains { error.message.lowercased().contains($0) }
        default: false
        }
    }

    /// A request as the server takes it: a worker of ours needs more care than others.
    ///
    /// - Throws: ``BackendError``, with `unsupported` for what the engine would leave out.
    private func prepared(_ request: GenerationRequest) async throws -> GenerationRequest {
        guard let worker else {
            return request
        }
        var request = request
        request.sampling = request.sampling.forEngine(contextLength: worker.contextLength)
        if EngineTemplate.matters(for: request) {
            // The watchdog knows of pauses, in which the worker answers nothing; so this waits as long as for a token.
            let properties = try await upstream.get("/props", timeout: limits.firstToken)
            try UpstreamClient.decode(EngineTemplate.self, from: properties).check(request)
        }
        return try await template.continuing(request)
    }

    /// The engine itself would only say that it cannot read the file.
    private static func requireVideoPrograms(for request: GenerationRequest) throws(BackendError) {
        guard request.media.contains(where: { $0.kind == .video }) else {
            return
        }
        let missing = VideoPrograms.missing()
        if !missing.isEmpty {
            throw BackendError(
                .unsupported,
                "a video needs \(missing.joined(separator: " and ")) on the daemon's PATH. \(VideoPrograms.remedy)")
        }
    }

    private var template: ChatTemplate {
        ChatTemplate(upstream: upstream, model: model)
    }

    package func embed(_ request: EmbeddingRequest) async throws -> EmbeddingResult {
        try await OpenAIEmbeddings(
            upstream: upstream, model: model, limits: limits, worker: worker
        ).embed(request)
    }

    package func rerank(_ request: RerankRequest) async throws -> RerankResult {
        try await OpenAIReranking(
            upstream: upstream, model: model, limits: limits, isPaused: worker?.isPaused
        ).rerank(request)
    }

    package func transcribe(_ request: TranscriptionRequest) async throws -> Transcription {
        guard worker == nil else {
            return try await transcribeByAsking(request)
        }
        return try await OpenAITranscription(upstream: upstream, model: model, limits: limits).transcribe(request)
    }

    package func checkHealth() async throws {
        if worker != nil {
            _ = try await upstream.get("/health", timeout: limits.health)
            return
        }
        try await ServerProbe(.openAI, upstream).requireModel(model, timeout: limits.health)
    }

    package func countTokens(_ text: String) async throws -> Int? {
        guard worker != nil else {
            return nil
        }
        return try await tokenCount.tokens(of: text)
    }

    package func countPromptTokens(of request: GenerationRequest) async throws -> Int {
        try await StallWatchdog.watch(limits, isPaused: worker?.isPaused) { _ in
            // What is counted is what would be sent.
            try await tokenCount.promptTokens(of: try await prepared(request))
        }
    }

    private var tokenCount: OpenAITokenCount {
        OpenAITokenCount(upstream: upstream, model: model, limits: limits, worker: worker)
    }
}
