package import AsyncHTTPClient
import NIOCore
package import SaraiMemory

/// Brings a loaded worker to its peak with one full step.
///
/// Right after a load a worker takes less than it will: its buffers for activations are there but untouched. A step of the
/// largest size touches them all. Pictures and sounds are not part of it.
package struct WorkerWarmUp: Sendable {
    private let client: HTTPClient
    private let limit: Duration

    /// A warm-up.
    ///
    /// - Parameters:
    ///   - client: for the request.
    ///   - limit: how long it may take; a step of 512 tokens takes SOLAR half a minute on 2 cores.
    package init(client: HTTPClient, limit: Duration) {
        self.client = client
        self.limit = limit
    }

    /// Has a worker evaluate one full step.
    ///
    /// - Parameters:
    ///   - socket: the unix socket that it listens on.
    ///   - settings: how it was loaded.
    /// - Throws: ``BackendError``, or `CancellationError`.
    package func run(socket: String, settings: LoadSettings) async throws {
        let upstream = UpstreamClient(client: client, endpoint: .unixSocket(socket))
        guard !settings.isSpeech else {
            _ = try await upstream.post("/warm-up", json: ByteBuffer(string: "{}"), timeout: limit)
                .body.decode(Answer.self)
            return
        }
        let tokens = Self.tokens(settings)
        // Texts shorter than a step share one, as many as there are slots.
        let texts = min(max(1, settings.slots), (settings.microBatch + tokens.count - 1) / tokens.count)
        let (path, body) =
            settings.isEmbedding
            ? ("/v1/embeddings", Body(input: Array(repeating: tokens, count: texts)))
            : ("/completion", Body(prompt: tokens))
        let json = try ByteBuffer(json: body)
        // The answer is read to its end: it is complete only when the step is.
        _ = try await upstream.post(path, json: json, timeout: limit).body.decode(Answer.self)
    }

    /// As many tokens as fit in a step and in the context, with room for the one that is generated.
    ///
    /// Which ones does not matter; small numbers exist in every vocabulary.
    static func tokens(_ settings: LoadSettings) -> [Int] {
        let room = settings.isEmbedding ? settings.contextLength : settings.contextLength - 1
        return (0..<max(1, min(settings.microBatch, room))).map { 16 + $0 % 100 }
    }

    private struct Body: Encodable, Sendable {
        /// For text.
        var prompt: [Int]?
        var predict: Int?
        var cachePrompt: Bool?
        /// For embeddings.
        var input: [[Int]]?

        init(prompt: [Int]) {
            self.prompt = prompt
            predict = 1
            // The tokens mean nothing: no later prompt begins so.
            cachePrompt = false
        }

        init(input: [[Int]]) {
            self.input = input
        }

        private enum CodingKeys: String, CodingKey {
            case prompt, input
            case predict = "n_predict"
            case cachePrompt = "cache_prompt"
        }
    }

    /// Nothing of the answer matters but that it is one.
    private struct Answer: Decodable {}
}
