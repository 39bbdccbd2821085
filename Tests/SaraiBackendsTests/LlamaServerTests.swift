import Foundation
import SaraiCore
import Subprocess
import Testing

@testable import SaraiBackends

@Suite struct LlamaServerTests {
    @Test func everyMemoryRelevantFlagIsExplicit() {
        let settings = LlamaServerSettings(
            gguf: "/m.gguf", mmproj: "/p.gguf", contextLength: 2048, slots: 3, threads: 2, isEmbedding: false)
        let arguments = settings.arguments(socket: "/run/a.sock")
        func value(_ flag: String) -> String? {
            arguments.firstIndex(of: flag).map { arguments[$0 + 1] }
        }
        #expect(value("--ctx-size") == "6144" && value("--parallel") == "3")
        #expect(value("--batch-size") == "512" && value("--ubatch-size") == "512")
        #expect(value("--threads") == "2" && value("--threads-batch") == "2")
        #expect(value("--cache-ram") == "0" && value("--ctx-checkpoints") == "0")
        #expect(value("--load-mode") == "mmap" && arguments.contains("--no-repack"))
        #expect(value("--cache-type-k") == "f16" && value("--cache-type-v") == "f16")
        #expect(value("--fit") == "off" && value("--mmproj") == "/p.gguf")
        #expect(!arguments.contains("--embeddings"))
    }

    @Test func anEmbeddingFitsInOneStep() {
        let settings = LlamaServerSettings(
            gguf: "/m.gguf", mmproj: nil, contextLength: 2048, slots: 1, threads: 1, isEmbedding: true)
        let arguments = settings.arguments(socket: "/run/a.sock")
        #expect(settings.microBatch == 2048 && arguments.contains("--embeddings"))
    }

    @Test func statusLinesAreReadAndAnythingElseIsIgnored() {
        let payload = #"{"stages":["a","b"],"current":"b","value":0.5}"#
        let loading = #"cmd_child_to_router:state:{"state":"loading","payload":\#(payload)}"#
        #expect(LlamaServerStatus(line: loading) == .loading(stage: "b", progress: 0.75))
        #expect(LlamaServerStatus(line: #"cmd_child_to_router:state:{"state":"ready","payload":{}}"#) == .ready)
        for line in ["", "load_model: ok", "cmd_child_to_router:state:{", #"cmd_child_to_router:state:{"state":"x"}"#] {
            #expect(LlamaServerStatus(line: line) == nil)
        }
    }

    @Test func workersInheritNothingThatChangesTheirSettings() {
        let environment = LlamaWorker.environment(inheriting: [
            "PATH": "/bin", "LLAMA_ARG_CTX_SIZE": "1", "HF_TOKEN": "secret", "HOME": "/h",
        ])
        let expected: Set = ["PATH", "HOME", "GOMP_SPINCOUNT", "LLAMA_SERVER_ROUTER_PORT"]
        #expect(Set(environment.keys.map(\.description)) == expected)
    }

    @Test func filesOfModelsWithOddNamesAreSafeAndDistinct() throws {
        let names = try ["a/b:1", "a_b_1"].map { try #require(ModelName($0)) }
        let files = names.enumerated().map { WorkerFiles(model: $1, index: $0, runtime: "/run/x", logs: "/logs") }
        #expect(files[0].socket == "/run/x/0-a_b_1.sock" && files[1].socket == "/run/x/1-a_b_1.sock")
        #expect(files[0].log == "/logs/0-a_b_1.log")
    }

    @Test(arguments: [("200000 100000", 2), ("max 100000", nil), ("50000 100000", 1), ("", nil), ("x y", nil)])
    func quotasOfControlGroupsAreRead(text: String, cores: Int?) {
        #expect(UsableCores.quota(cpuMax: text) == cores)
    }

    @Test func aDeadDaemonsDirectoryIsClearedAndALivingOnesIsNot() throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "sarai-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        try FileManager.default.createDirectory(atPath: root + "/dead", withIntermediateDirectories: true)
        for file in ["daemon.lock", "0-m.sock", "0-m.pid"] {
            // The process id of this test: it must survive, for it is no worker of that daemon.
            let content = Data("\(ProcessInfo.processInfo.processIdentifier)\n".utf8)
            try content.write(to: URL(filePath: "\(root)/dead/\(file)"))
        }
        let first = try WorkerDirectory(runtime: root, instance: "one")
        #expect(!FileManager.default.fileExists(atPath: root + "/dead"))
        #expect(throws: WorkerDirectoryInUse.self) { try WorkerDirectory(runtime: root, instance: "one") }
        let mode = try FileManager.default.attributesOfItem(atPath: first.path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }
}
