package import AsyncHTTPClient

/// Looks whether a worker is at work.
///
/// When a client leaves, its connection closes at once, but the engine finishes the step that it has begun: with a long
/// prompt and a large model that is half a minute of all cores.
package struct WorkerSlots: Sendable {
    private let upstream: UpstreamClient

    /// The slots of the worker that listens on a unix socket.
    package init(client: HTTPClient, socket: String) {
        upstream = UpstreamClient(client: client, endpoint: .unixSocket(socket))
    }

    /// Whether no slot works on anything. The engine answers between two steps, so this waits for the current one.
    ///
    /// - Parameter patience: how long to wait for the answer.
    /// - Returns: whether nothing is going on.
    /// - Throws: ``BackendError``, also when the worker did not answer in time.
    package func areIdle(patience: Duration) async throws -> Bool {
        let answer = try await upstream.get("/slots", timeout: patience)
        return try UpstreamClient.decode([Slot].self, from: answer).allSatisfy { !$0.isProcessing }
    }

    private struct Slot: Decodable {
        let isProcessing: Bool

        private enum CodingKeys: String, CodingKey {
            case isProcessing = "is_processing"
        }
    }
}
