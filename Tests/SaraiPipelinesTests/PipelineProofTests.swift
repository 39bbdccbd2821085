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

    @Test("is refused where a file cannot be loaded, unless a server has that model too")
    func files() throws {
        guard case .tooLarge(let reason) = try proof("tone", of: TestConfiguration.four).verdict else {
            Issue.record("quick has no file")
            return
        }
        #expect(reason.contains("quick cannot be loaded"))
        let twin = Self.servers.replacing(
            "[\"http://10.0.0.8:8000\"]}",
            with: """
                ["http://10.0.0.8:8000"], fallback: gguf_native, gguf: /none/quick.gguf}
                """)
        guard case .available = try proof("tone", of: twin).verdict else {
            Issue.record("its server has quick")
            return
        }
    }
}
