import Hummingbird
import SaraiCore
import SaraiTestSupport
import Testing

@testable import SaraiBackends

/// Servers that transcribe, and those that do not.
struct TranscriptionTests {
    private func transcribe(
        _ kind: BackendHarness.Kind = .openAI, needsTimes: Bool = false,
        answering answer: @escaping @Sendable (Request) async throws -> Response
    ) async throws -> Transcription {
        let limits = BackendLimits(firstToken: .seconds(10), stall: .seconds(10))
        let sound = try #require(Media.noise(seconds: 1))
        return try await StubUpstream.run(answering: answer) { url in
            try await BackendHarness.withBackend(kind, url: url, limits: limits) { backend in
                try await backend.transcribe(TranscriptionRequest(audio: sound, needsTimes: needsTimes))
            }
        }
    }

    @Test func aServerIsSentTheSoundAndItsTextComesBack() async throws {
        let transcription = try await transcribe { request in
            let isForm = request.headers[.contentType]?.hasPrefix("multipart/form-data; boundary=sarai-") == true
            let body = try await request.body.collect(upTo: 1 << 20)
            guard isForm, request.uri.path == "/v1/audio/transcriptions", body.readableBytes > 32_044 else {
                return Response(status: .badRequest)
            }
            return Response(status: .ok, body: .init(byteBuffer: .init(string: #"{"text": " Las dos. "}"#)))
        }
        #expect(transcription == Transcription(text: "Las dos."))
    }

    @Test("a server without times is of no use where they are needed, one that tells the length is")
    func times() async throws {
        let error = await #expect(throws: BackendError.self) {
            try await transcribe(needsTimes: true) { _ in
                Response(status: .ok, body: .init(byteBuffer: .init(string: #"{"text": "Las dos."}"#)))
            }
        }
        #expect(error?.code == .unsupported && error?.allowsFailover == true)
        let timed = try await transcribe(needsTimes: true) { _ in
            Response(status: .ok, body: .init(byteBuffer: .init(string: #"{"text": "Las dos.", "duration": 1.5}"#)))
        }
        #expect(timed.duration == 1.5)
    }

    @Test func aServerWithoutTheRouteIsNotToBlame() async throws {
        let error = await #expect(throws: BackendError.self) {
            try await transcribe { _ in Response(status: .notFound) }
        }
        #expect(error?.code == .unsupported && error?.countsAgainstTarget == false && error?.allowsFailover == true)
        let ollama = await #expect(throws: BackendError.self) {
            try await transcribe(.ollama) { _ in Response(status: .ok) }
        }
        #expect(ollama?.code == .unsupported)
    }
}
