package import AsyncHTTPClient
import Foundation
import NIOCore
package import SaraiCore

/// Speaks to a worker of ours that runs a Whisper model.
package struct WhisperBackend: Backend {
    private let upstream: UpstreamClient
    private let limits: BackendLimits
    private let isPaused: @Sendable () -> Bool

    /// A backend for a worker.
    ///
    /// - Parameters:
    ///   - client: see ``UpstreamClient/withHTTPClient(connectTimeout:connectionsPerServer:_:)``.
    ///   - socket: the unix socket that the worker listens on.
    ///   - isPaused: whether it is held now. What it then does not send says nothing against it.
    ///   - limits: how long to wait; the first sign of life comes with the first words.
    package init(
        client: HTTPClient, socket: String, isPaused: @escaping @Sendable () -> Bool = { false }, limits: BackendLimits
    ) {
        upstream = UpstreamClient(client: client, endpoint: .unixSocket(socket))
        self.isPaused = isPaused
        self.limits = limits
    }

    package func transcribe(_ request: TranscriptionRequest) async throws -> Transcription {
        guard let sound = request.audio.bytes else {
            throw BackendError(.rejected(400), "the sound is not base64")
        }
        return try await StallWatchdog.watch(limits, isPaused: isPaused) { watchdog in
            let response = try await upstream.post(
                Self.path(for: request), body: ByteBuffer(bytes: sound), contentType: "application/octet-stream")
            var answer = WhisperAnswer()
            try await UpstreamClient.translatingErrors {
                for try await piece in response.body {
                    try answer.read(piece)
                    watchdog.touch()
                }
            }
            return try answer.transcription()
        }
    }

    /// Where a request goes, with all that is not the sound itself.
    static func path(for request: TranscriptionRequest) -> String {
        var fields = ["format": request.audio.format.rawValue]
        fields["language"] = request.language?.rawValue
        fields["prompt"] = request.prompt
        let query = fields.sorted { $0.key < $1.key }.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }
        return "/transcribe?" + query.joined(separator: "&")
    }

    package func generate(
        _ request: GenerationRequest, emit: @escaping @Sendable (GenerationEvent) -> Void
    ) async throws {
        throw BackendError(.unsupported, "a Whisper model hears, and does not answer")
    }

    package func embed(_ request: EmbeddingRequest) async throws -> EmbeddingResult {
        throw BackendError(.unsupported, "a Whisper model serves no embeddings")
    }

    package func checkHealth() async throws {
        _ = try await upstream.get("/health", timeout: limits.health)
    }
}

/// The answer of the worker, a line for each thing that was said.
struct WhisperAnswer {
    private var lines = LineSplitter()
    private var segments: [TranscriptionSegment] = []
    private var end: Line?

    /// Reads on.
    ///
    /// - Throws: ``BackendError`` for what the protocol does not know, and for an error that the worker reports.
    mutating func read(_ piece: ByteBuffer) throws {
        lines.append(piece)
        while let bytes = try lines.next() {
            let line = try UpstreamClient.decode(Line.self, from: bytes)
            if let error = line.error {
                // What is wrong with the sound is no fault of the worker's.
                throw BackendError(error.status == 400 ? .rejected(400) : .serverError(500), error.message)
            }
            if let start = line.start, let end = line.end, let text = line.text {
                segments.append(TranscriptionSegment(start: start, end: end, text: text))
            }
            if line.done == true {
                end = line
            }
        }
    }

    /// All that was said.
    ///
    /// - Throws: ``BackendError`` with `brokenOff` if the answer has no end: the worker was killed.
    func transcription() throws(BackendError) -> Transcription {
        guard let end else {
            throw BackendError(.brokenOff, "the answer ended before the sound did")
        }
        return Transcription(
            text: segments.map(\.text).joined(separator: " "), language: end.language, duration: end.duration,
            segments: segments)
    }

    /// A part of what was said, how far the worker is, the end, or an error.
    private struct Line: Decodable {
        let start: Double?
        let end: Double?
        let text: String?
        let done: Bool?
        let language: String?
        let duration: Double?
        let error: Fault?

        struct Fault: Decodable {
            let message: String
            let status: Int?
        }
    }
}
