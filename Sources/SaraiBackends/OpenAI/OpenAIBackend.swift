package import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
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
    ///   - limits: how long to wait.
    ///   - onHeaders: called with the headers of each generation's answer, before its first event.
    package init(
        client: HTTPClient, endpoint: Endpoint, model: String, apiKey: String?, limits: BackendLimits,
        onHeaders: @escaping @Sendable (HTTPHeaders) -> Void = { _ in }
    ) {
        upstream = UpstreamClient(client: client, endpoint: endpoint, bearerToken: apiKey)
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
        let path =
            switch request.prompt {
            case .chat: "/v1/chat/completions"
            case .completion: "/v1/completions"
            }
        let json = try JSONEncoder.wire.encodeAsByteBuffer(
            OpenAIRequestBody(model: model, request: request, allowsExtensions: true), allocator: .init())
        try await StallWatchdog.watch(limits, isPaused: worker?.isPaused) { watchdog in
            let response = try await upstream.post(path, json: json)
            onHeaders(response.headers)
            var reader = OpenAIChunkReader()
            try await response.body.forEachDocument(OpenAIChunk.self, framing: .sse) { chunk in
                let events = reader.read(chunk)
                // The first chunk of a chat only names the role; the first token is still to come.
                if !events.isEmpty {
                    watchdog.touch()
                }
                events.forEach(emit)
            }
            guard let last = reader.finish() else {
                throw BackendError(.brokenOff, "the stream ended before the answer was complete")
            }
            emit(last)
        }
    }

    package func embed(_ request: EmbeddingRequest) async throws -> EmbeddingResult {
        try await OpenAIEmbeddings(
            upstream: upstream, model: model, limits: limits, worker: worker
        ).embed(request)
    }

    package func checkHealth() async throws {
        if worker != nil {
            _ = try await upstream.get("/health", timeout: limits.health)
            return
        }
        struct Answer: Decodable {
            let data: [Item]

            struct Item: Decodable {
                let id: String
            }
        }
        let answer = try await upstream.get("/v1/models", timeout: limits.health)
        let names = try UpstreamClient.decode(Answer.self, from: answer).data.map(\.id)
        guard names.contains(model) else {
            throw BackendError(.modelMissing, "the server has no model '\(model)'")
        }
    }
}
