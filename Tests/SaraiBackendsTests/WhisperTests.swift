import Foundation
import NIOCore
import SaraiCore
import SaraiMemory
import Subprocess
import Testing

@testable import SaraiBackends

/// What is said between Sarai and a worker that runs a Whisper model.
struct WhisperTests {
    private func sound() throws -> Media {
        try #require(Media.noise(seconds: 1))
    }

    /// Reads an answer that comes in these pieces.
    private func read(_ pieces: String...) throws -> Transcription {
        var answer = WhisperAnswer()
        for piece in pieces {
            try answer.read(ByteBuffer(string: piece))
        }
        return try answer.transcription()
    }

    @Test func anAnswerIsReadHoweverItIsCut() throws {
        let transcription = try read(
            #"{"start": 0.5, "end": 2, "text": "¿Qué hora"#, " es?\"}\n{\"heard\": 60}\n",
            #"{"start": 61, "end": 62.5, "text": "Las dos."}"#,
            "\n{\"done\": true, \"language\": \"es\", \"duration\": 70.25}\n")
        #expect(transcription.text == "¿Qué hora es? Las dos.")
        #expect(transcription.language == "es" && transcription.duration == 70.25)
        #expect(
            transcription.segments == [
                TranscriptionSegment(start: 0.5, end: 2, text: "¿Qué hora es?"),
                TranscriptionSegment(start: 61, end: 62.5, text: "Las dos."),
            ])
    }

    @Test func silenceIsAnAnswerToo() throws {
        let transcription = try read("{\"heard\": 3}\n{\"done\": true, \"language\": null, \"duration\": 3}\n")
        #expect(transcription == Transcription(text: "", language: nil, duration: 3))
    }

    @Test func anAnswerWithoutItsEndIsNone() {
        let lost = #expect(throws: BackendError.self) { try read("{\"start\": 0, \"end\": 2, \"text\": \"A\"}\n") }
        #expect(lost?.code == .brokenOff)
        let error = #expect(throws: BackendError.self) { try read("{\"error\": {\"message\": \"out of memory\"}}\n") }
        #expect(error?.code == .serverError(500) && error?.ofWorker.code == .outOfMemory)
        let noise = #expect(throws: BackendError.self) { try read("<html>\n") }
        #expect(noise?.code == .malformedAnswer)
    }

    @Test func whatIsAskedBesideTheSoundIsInThePath() throws {
        let request = TranscriptionRequest(audio: try sound(), language: .spanish, prompt: "¿Sarai & Co?")
        let path = WhisperBackend.path(for: request)
        #expect(path == "/transcribe?format=wav&language=es&prompt=%C2%BFSarai%20%26%20Co%3F")
        #expect(WhisperBackend.path(for: TranscriptionRequest(audio: try sound())) == "/transcribe?format=wav")
    }

    @Test func aModelThatHearsIsToldWhatToDo() throws {
        let plain = OpenAIBackend.instruction(for: TranscriptionRequest(audio: try sound()))
        #expect(plain == "Transcribe the speech in this sound, word for word. Write nothing else.")
        let request = TranscriptionRequest(audio: try sound(), language: .spanish, prompt: "Sarai")
        #expect(OpenAIBackend.instruction(for: request).hasPrefix("Transcribe the speech in this sound in Spanish, "))
        #expect(OpenAIBackend.instruction(for: request).hasSuffix(" Words that may occur: Sarai"))
    }

    @Test func serversGetAForm() throws {
        let request = TranscriptionRequest(audio: try sound(), language: .english, prompt: "Sarai")
        let body = OpenAITranscription.form(request, sound: [82, 0, 255], model: "whisper-1", boundary: "B")
        let head = "--B\r\nContent-Disposition: form-data; name="
        let text =
            head + "\"model\"\r\n\r\nwhisper-1\r\n" + head + "\"response_format\"\r\n\r\njson\r\n" + head
            + "\"language\"\r\n\r\nen\r\n" + head + "\"prompt\"\r\n\r\nSarai\r\n" + head
            + "\"file\"; filename=\"sound.wav\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        #expect(Array(buffer: body) == Array(text.utf8) + [82, 0, 255] + Array("\r\n--B--\r\n".utf8))
    }

    @Test func aSoundOfNoiseIsAFile() throws {
        let sound = try sound()
        let bytes = try #require(sound.bytes)
        #expect(sound.format == .wav && bytes.count == 44 + 32_000)
        #expect(Set(bytes.dropFirst(44)).count == 256, "all bytes occur in noise")
    }

    @Test func theProgramIsPutBesideItsSocket() throws {
        let settings = WhisperSettings(folder: "/m/whisper", threads: 2)
        let command = settings.command(python: "/p/python", socket: "/run/x/0-ears.sock")
        #expect(
            command.arguments == [
                "/p/python", "-I", "-B", "/run/x/0-ears.sock.py", "--model", "/m/whisper", "--socket",
                "/run/x/0-ears.sock", "--threads", "2",
            ])
        #expect(
            command.environment == ["HF_HUB_OFFLINE": "1", "OPENBLAS_NUM_THREADS": "1"]
                && command.script?.path == "/run/x/0-ears.sock.py")
        let environment = ModelWorker.environment(of: command, inheriting: ["HF_TOKEN": "secret", "PATH": "/bin"])
        #expect(
            Set(environment.keys.map(\.description))
                == ["PATH", "HF_HUB_OFFLINE", "OPENBLAS_NUM_THREADS", "MALLOC_MMAP_THRESHOLD_"])
    }

    @Test func thereIsNoPythonUntilItIsInstalled() {
        let missing = #expect(throws: EngineNotFound.self) {
            try WhisperLocator.locate(configured: nil, dataFolder: "/nowhere")
        }
        #expect(missing?.message.contains("/nowhere/python/speech. Run 'sarai setup speech'") == true)
        let wrong = #expect(throws: EngineNotFound.self) {
            try WhisperLocator.locate(configured: "/nowhere/python", dataFolder: "/")
        }
        #expect(wrong?.message.hasPrefix("engine.whisper_python: there is no executable at /nowhere/python.") == true)
    }

    @Test func aScriptIsThereForAsLongAsItsWorker() async throws {
        let content = Array("#!/bin/sh\nexec cat\n".utf8)
        let paths = PathBox()
        let exit = try await withWorker(
            command: { socket in
                paths.path = socket + ".sh"
                return WorkerCommand(
                    arguments: ["/bin/sh", socket + ".sh"],
                    script: WorkerCommand.Script(path: socket + ".sh", content: content))
            }
        ) { worker in
            _ = try await worker.pid()
            let attributes = try FileManager.default.attributesOfItem(atPath: worker.socket + ".sh")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(FileManager.default.contents(atPath: worker.socket + ".sh") == Data(content))
        }
        #expect(exit?.status == .exited(0) || exit?.status == .signalled(Int(SIGTERM)))
        #expect(!FileManager.default.fileExists(atPath: paths.path))
    }
}

/// Carries a path out of a closure that is called at once.
private final class PathBox {
    var path = ""
}

/// The program itself, with the model that `make test` installs.
@Suite(.enabled(if: SpeechInstallation.isComplete)) struct WhisperWorkerTests {
    private func withEars(
        folder: String = SpeechInstallation.model, ending: WorkerEnding = .stopping,
        _ body: (RunningWorker) async throws -> Void = { _ in }
    ) async throws -> WorkerExit? {
        let python = try #require(SpeechInstallation.python)
        let settings = WhisperSettings(folder: folder, threads: 2)
        return try await withWorker(
            command: { settings.command(python: python, socket: $0) }, ending: ending, body)
    }

    @Test func itLoadsHearsAndEndsWithItsInput() async throws {
        let exit = try await withEars { worker in
            try await worker.ready()
            try await UpstreamClient.withHTTPClient(connectTimeout: .seconds(2), connectionsPerServer: 4) { client in
                let limits = BackendLimits(firstToken: .seconds(60), stall: .seconds(60))
                let backend = WhisperBackend(client: client, socket: worker.socket, limits: limits)
                try await backend.checkHealth()
                let sound = try #require(Media.noise(seconds: 1))
                let transcription = try await backend.transcribe(TranscriptionRequest(audio: sound))
                #expect(transcription.duration == 1)
                let idle = try await WorkerSlots(client: client, socket: worker.socket).areIdle(patience: .seconds(10))
                #expect(idle)
                let broken = try #require(Media(file: Array("RIFF\0\0\0\0WAVEno sound".utf8)))
                let error = await #expect(throws: BackendError.self) {
                    try await backend.transcribe(TranscriptionRequest(audio: broken))
                }
                #expect(error?.code == .rejected(400))
            }
        }
        // Its input is closed and it is asked to end, and whichever it notices first counts; killed it was not.
        #expect(exit?.status == .exited(0) || exit?.status == .signalled(Int(SIGTERM)), "\(exit?.description ?? "")")
    }

    @Test func aFolderWithoutAModelIsReported() async throws {
        let exit = try await withEars(folder: "/nowhere", ending: .waiting)
        #expect(exit?.status == .exited(1))
        #expect(exit?.lastWords?.hasPrefix("error: cannot load /nowhere: ") == true, "\(exit?.description ?? "")")
    }
}

/// Where `make test` installs what speech needs.
enum SpeechInstallation {
    static var python: String? {
        try? WhisperLocator.locate(configured: nil, dataFolder: Installation.dataFolder)
    }

    static var model: String { "\(Installation.dataFolder)/models/whisper-base" }

    static var isComplete: Bool {
        python != nil && FileManager.default.fileExists(atPath: model + "/model.bin")
    }
}
