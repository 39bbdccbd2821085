import Foundation
import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SaraiPool
import Testing

@testable import SaraiPipelines

@Suite("The proof that a pipeline's models are available together")
struct PipelineProofTests {
    private func proof(_ name: String, of text: String) throws -> PipelineProof {
        let configuration = try TestConfiguration.load(text)
        let machine = MachineMemory(total: .gibibytes(64), available: .gibibytes(64))
        return PipelineProof(
            try TestConfiguration.pipeline(name, in: configuration), configuration,
            ConfigurationPlanner(configuration: configuration, machine: machine))
    }

    private static let servers = """
        models:
          big: {role: expert, backend: ollama_http, servers: ["http://10.0.0.7:11434"]}
          quick: {role: small, backend: openai_http, servers: ["http://10.0.0.8:8000"]}

        """

    @Test("is given where servers have them all, and takes nothing here")
    func remote() throws {
        let proof = try proof("tone", of: Self.servers)
        #expect(proof.models.map(\.rawValue) == ["big", "quick"], "what is needed, then what is not")
        guard case .available(let size) = proof.verdict else {
            Issue.record("\(proof.verdict)")
            return
        }
        #expect(size == .zero)
    }

    @Test("names what is missing, and the step that needs it")
    func incomplete() throws {
        guard case .incomplete(let voice) = try proof("voice", of: Self.servers).verdict,
            case .incomplete(let see) = try proof("see", of: Self.servers).verdict
        else {
            Issue.record("nobody hears or sees")
            return
        }
        #expect(voice.contains("'heard'") && voice.contains("role: speech"))
        #expect(see.contains("'seen'") && see.contains("omni"))
    }

    @Test("does not count a server whose API has no transcriptions for what hears")
    func hearing() throws {
        let text = { (backend: String) in
            Self.servers + """
                  ears: {role: omni, backend: \(backend), servers: ["http://10.0.0.9:11434"],
                    fallback: gguf_native, gguf: /none/ears.gguf}

                """
        }
        guard case .tooLarge(let reason) = try proof("voice", of: text("ollama_http")).verdict else {
            Issue.record("the server cannot hear, and the file is not there")
            return
        }
        #expect(reason.contains("ears cannot be loaded"))
        guard case .available = try proof("voice", of: text("openai_http")).verdict else {
            Issue.record("the server may hear")
            return
        }
    }

    @Test("is refused where the file of a needed model cannot be loaded, unless a server has that model too")
    func files() throws {
        guard case .tooLarge(let reason) = try proof("see", of: TestConfiguration.four).verdict else {
            Issue.record("eyes has no file")
            return
        }
        #expect(reason.contains("eyes cannot be loaded") && reason.contains("/none/eyes.gguf"))
        let twin = Self.servers.replacing(
            "[\"http://10.0.0.8:8000\"]}",
            with: """
                ["http://10.0.0.8:8000"], fallback: gguf_native, gguf: /none/quick.gguf}
                """)
        let proof = try proof("tone", of: twin)
        guard case .available = proof.verdict, proof.missing.isEmpty else {
            Issue.record("its server has quick")
            return
        }
    }

    @Test("is not spoilt by what is never unloaded, belongs to no step, and cannot be read")
    func strangers() throws {
        let resident = "resident: true, backend: gguf_native, gguf: /none/vectors.gguf"
        for keys in [resident, resident.replacing("resident", with: "pinned")] {
            let proof = try proof("tone", of: Self.servers + "  vectors: {role: embedding, \(keys)}\n")
            #expect(proof.verdict == .available(.zero))
            #expect(proof.missing.isEmpty)
        }
        // A step's own model that a server has is no obstacle either, resident or not.
        let own = Self.servers.replacing(
            "[\"http://10.0.0.7:11434\"]}",
            with: "[\"http://10.0.0.7:11434\"], fallback: gguf_native, gguf: /none/big.gguf, resident: true}")
        #expect(try proof("tone", of: own).verdict == .available(.zero))
    }

    @Test("is given without a model that the pipeline can do without, and says which and why")
    func optional() throws {
        let proof = try proof("tone", of: TestConfiguration.four)
        #expect(proof.verdict == .available(.zero))
        #expect(proof.models.map(\.rawValue) == ["big"])
        #expect(proof.missing.map(\.model.rawValue) == ["quick"])
        #expect(proof.missing.allSatisfy { $0.reason.contains("/none/quick.gguf") })
    }

    @Test("is given without an optional model that there is no room for")
    func room() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sarai-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["config.json", "tokenizer.json", "vocabulary.txt"] {
            try Data().write(to: URL(filePath: "\(folder)/\(name)"))
        }
        let weights = "\(folder)/model.bin"
        try (Data([6, 0, 0, 0, 12, 0]) + Data("WhisperSpec".utf8) + Data([0])).write(to: URL(filePath: weights))
        let file = try FileHandle(forWritingTo: URL(filePath: weights))
        // A hole: it takes no place on the disk.
        try file.truncate(atOffset: 1 << 30)
        try file.close()
        let models =
            Self.servers + """
                  eyes: {role: omni, backend: ollama_http, servers: ["http://10.0.0.9:11434"]}
                  ears: {role: speech, backend: whisper_native, whisper: \(folder)}

                """
        let small = models + "memory: {max_ram_gb: 512MiB}\n"
        let without = try proof("see", of: small)
        #expect(without.verdict == .available(.zero))
        #expect(without.models.map(\.rawValue) == ["eyes", "big"])
        #expect(without.missing.map(\.model.rawValue) == ["ears"])
        #expect(without.missing.allSatisfy { $0.reason.contains("and there are 512 MiB") })
        #expect(without.warnings.count == 1 && without.warnings[0].hasPrefix("pipeline 'see' does without ears: "))
        let voice = try proof("voice", of: small)
        guard case .tooLarge = voice.verdict else {
            Issue.record("voice needs its ears")
            return
        }
        #expect(voice.warnings.contains { $0.hasPrefix("pipeline 'voice' is refused: ") })
        let with = try proof("see", of: models)
        #expect(with.warnings.isEmpty)
        #expect(with.missing.isEmpty && with.models.map(\.rawValue) == ["eyes", "big", "ears"])
    }
}
