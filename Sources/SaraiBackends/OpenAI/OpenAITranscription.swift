import AsyncHTTPClient
import Foundation
import NIOCore
import SaraiCore
import Synchronization

/// Transcriptions over OpenAI's API: a form with the sound's file.
struct OpenAITranscription: Sendable {
    let upstream: UpstreamClient
    let model: String
    let limits: BackendLimits

    /// Has a server transcribe a sound.
    ///
    /// - Throws: ``BackendError``. A server without transcriptions is `unsupported`: it may well serve other things.
    func transcribe(_ request: TranscriptionRequest) async throws -> Transcription {
        guard let sound = request.audio.bytes else {
            throw BackendError(.rejected(400), "the sound is not base64")
        }
        let boundary = "sarai-\(UUID().uuidString)"
        let body = Self.form(request, sound: sound, model: model, boundary: boundary)
        let transcription: Transcription
        do {
            transcription = try await StallWatchdog.watch(limits) { _ in
                try await upstream.post(
                    "/v1/audio/transcriptions", body: body, contentType: "multipart/form-data; boundary=\(boundary)"
                ).body.decode(Answer.self).transcription
            }
        } catch let error as BackendError where error.code == .modelMissing || error.code == .rejected(405) {
            throw BackendError(.unsupported, "the server does not transcribe with '\(model)': \(error.message)")
        }
        guard !request.needsTimes || transcription.duration != nil || transcription.text.isEmpty else {
            throw BackendError(.unsupported, "the server does not tell when what was said")
        }
        return transcription
    }

    /// The form, as RFC 7578 has it.
    ///
    /// - Parameters:
    ///   - request: what is asked.
    ///   - sound: the bytes of its sound.
    ///   - model: the model's name on the server.
    ///   - boundary: a text that does not occur in the sound.
    /// - Returns: the body.
    static func form(
        _ request: TranscriptionRequest, sound: [UInt8], model: String, boundary: String
    ) -> ByteBuffer {
        var body = ByteBuffer()
        body.reserveCapacity(sound.count + 1024)
        // JSON is what all servers have; times of segments are in none of its fields.
        var fields = [("model", model), ("response_format", "json")]
        fields += request.language.map { [("language", $0.rawValue)] } ?? []
        fields += request.prompt.map { [("prompt", $0)] } ?? []
        for (name, value) in fields {
            body.writeString(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n")
        }
        let format = request.audio.format.rawValue
        body.writeString(
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"sound.\(format)\"\r\n")
        body.writeString("Content-Type: application/octet-stream\r\n\r\n")
        body.writeBytes(sound)
        body.writeString("\r\n--\(boundary)--\r\n")
        return body
    }

    /// What servers answer; all but the text is more than they must.
    private struct Answer: Decodable {
        let text: String
        let language: String?
        let duration: Double?

        var transcription: Transcription {
            Transcription(
                text: text.trimmingCharacters(in: .whitespacesAndNewlines), language: language, duration: duration)
        }
    }
}

extension OpenAIBackend {
    /// Has a worker's model write down what it hears, by asking it like a person would.
    ///
    /// llama-server has a route for transcriptions, which does the same; but there a client's prompt takes the place of the
    /// instruction, and nothing is sent before the end, so that nobody could tell a long sound from a worker that hangs.
    func transcribeByAsking(_ request: TranscriptionRequest) async throws -> Transcription {
        guard !request.needsTimes else {
            throw BackendError(.unsupported, "this model does not tell when what was said; a Whisper model does")
        }
        var sampling = Sampling()
        sampling.temperature = 0
        let content: [Message.Part] = [.media(request.audio), .text(Self.instruction(for: request))]
        let text = Mutex("")
        try await generate(
            GenerationRequest(prompt: .chat([Message(role: .user, content: content)]), sampling: sampling)
        ) { event in
            if case .content(let piece) = event {
                text.withLock { $0 += piece }
            }
        }
        return Transcription(
            text: text.withLock { $0 }.trimmingCharacters(in: .whitespacesAndNewlines),
            language: request.language?.rawValue)
    }

    /// What a model is told to do with a sound.
    static func instruction(for request: TranscriptionRequest) -> String {
        let language =
            switch request.language {
            case .english: " in English"
            case .spanish: " in Spanish"
            case nil: ""
            }
        let hint = request.prompt.map { " Words that may occur: \($0)" } ?? ""
        return "Transcribe the speech in this sound\(language), word for word. Write nothing else.\(hint)"
    }
}
