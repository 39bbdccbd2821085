import SaraiCore
import Testing

@testable import SaraiConfiguration

/// Models that turn speech into text.
struct SpeechTests {
    static let whisper = """
        models:
          ears:
            role: speech
            backend: whisper_native
            whisper: /w

        """

    private func load(_ yaml: String, files: Set<String> = []) throws -> LoadedConfiguration {
        try loader(yaml, fileExists: { files.isEmpty || files.contains($0) }).load()
    }

    private func problems(_ yaml: String) -> [String] {
        let error = #expect(throws: ConfigurationError.self) { try load(yaml) }
        return error?.problems.map(\.description) ?? []
    }

    @Test func aWhisperModelIsAFolder() throws {
        let model = try #require(try load(Self.whisper).configuration.models.first)
        let target = try #require(model.local)
        #expect(model.role == .speech && "\(target.id)" == "ears/whisper_native")
        #expect(target.whisper == "/w" && target.gguf == nil && target.files == ["/w/model.bin"])
        #expect(target.slots == 1 && target.contextLength == 448 && !target.isLLM && !target.isEmbedding)
    }

    @Test func itLeavesAfterFiveMinutesUnlessToldOtherwise() throws {
        let usual = try load(Self.whisper).configuration.models.first?.keepAlive
        #expect(usual == .limited(.seconds(300)))
        let told = try load(Self.whisper + "    keep_alive: 1h\n").configuration.models.first?.keepAlive
        #expect(told == .limited(.seconds(3600)))
    }

    @Test func whatIsMissingInTheFolderIsNoted() throws {
        let loaded = try load(Self.whisper, files: ["/w/model.bin", "/w/vocabulary.txt"])
        #expect(loaded.missingFiles.map(\.path) == ["/w/config.json", "/w/tokenizer.json"])
        #expect(loaded.missingFiles.map(\.keyPath) == ["models.ears.whisper", "models.ears.whisper"])
    }

    @Test func aRelativeFolderIsFoundLikeAFile() throws {
        let yaml = Self.whisper.replacing("/w", with: "models/w")
        let beside = try load(yaml, files: ["/etc/sarai/models/w/model.bin"])
        #expect(beside.configuration.models.first?.local?.whisper == "/etc/sarai/models/w")
        let data = "/home/ana/.local/share/sarai/models/w"
        let downloaded = try load(yaml, files: ["\(data)/model.bin"])
        #expect(downloaded.configuration.models.first?.local?.whisper == data)
    }

    @Test func itMayStandInForAServer() throws {
        let yaml = """
            models:
              ears:
                role: speech
                backend: openai_http
                servers: http://h:1
                fallback: whisper_native
                whisper: /w
            """
        let targets = try load(yaml).configuration.models.first?.targets.map { "\($0.id)" }
        #expect(targets == ["ears/openai_http@h:1", "ears/whisper_native"])
    }

    @Test func keysOfOtherModelsHaveNoEffect() throws {
        let yaml =
            Self.whisper
            + "    slots: 2\n    context_length: 512\n    mmproj: /p.gguf\n    gguf: /g.gguf\n    threads: 1\n"
        let loaded = try load(yaml)
        let message = "has no effect: the model has no GGUF file (no backend or fallback is gguf_native)."
        let expected = ["gguf", "mmproj", "context_length", "slots"].map { "models.ears.\($0): \(message)" }
        #expect(Set(loaded.warnings.map { "\($0.keyPath): \($0.message)" }) == Set(expected))
        #expect(loaded.configuration.models.first?.local?.threads == 1)
        let idle = try load(localModel + "    whisper: /w\n")
        #expect(idle.warnings.map(\.keyPath) == ["models.m.whisper"])
    }

    @Test func whatMakesNoSenseIsRefused() {
        let folder = problems(Self.whisper.replacing("    whisper: /w\n", with: ""))
        #expect(
            folder.count == 1
                && folder[0].hasSuffix("whisper_native needs the model's folder. Add 'whisper: models/FOLDER'."))
        let role = problems(Self.whisper.replacing("    role: speech\n", with: ""))
        #expect(role.count == 1 && role[0].hasSuffix("turns speech into text. Write 'role: speech'."))
        let both = problems(
            """
            models:
              ears: {role: speech, gguf: /g.gguf, whisper: /w, targets: [{backend: gguf_native}, {backend: whisper_native}]}
            """)
        #expect(both.count == 1 && both[0].contains("a second target on this machine"))
    }

    @Test func thePythonThatRunsItCanBeNamed() throws {
        let named = try load(Self.whisper + "engine: {whisper_python: /opt/python}\n")
        #expect(named.configuration.engine.whisperPython == "/opt/python")
    }

    @Test func anotherFolderStartsItsWorkerAgain() throws {
        let before = try load(Self.whisper).configuration
        let after = try load(Self.whisper.replacing("/w", with: "/v")).configuration
        let changed = ConfigurationDifference(from: before, to: after).changed
        #expect(changed.map(\.keys) == [["whisper"]] && changed.allSatisfy(\.restartsWorker))
    }
}
