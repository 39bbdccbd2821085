import Foundation
import SaraiCore
import SaraiMemory
import Subprocess
import Testing

@testable import SaraiBackends

@Suite struct LlamaServerTests {
    /// The value of a flag on a worker's command line; empty for a flag that takes none.
    private func flags(
        _ load: LoadSettings, mmproj: String? = nil, _ change: (inout LlamaServerSettings) -> Void = { _ in }
    ) -> [String: String] {
        var settings = LlamaServerSettings(gguf: "/m.gguf", mmproj: mmproj, load: load, threads: 2)
        change(&settings)
        let arguments = settings.arguments(socket: "/run/a.sock")
        let pairs = zip(arguments, arguments.dropFirst() + [""]).filter { $0.0.hasPrefix("--") }
        return Dictionary(pairs.map { ($0, $1.hasPrefix("--") ? "" : $1) }, uniquingKeysWith: { $1 })
    }

    @Test func everyMemoryRelevantFlagIsExplicit() {
        let flags = flags(LoadSettings(contextLength: 2048, slots: 3, microBatch: 256), mmproj: "/p.gguf")
        #expect(flags["--ctx-size"] == "6144" && flags["--parallel"] == "3")
        #expect(flags["--batch-size"] == "256" && flags["--ubatch-size"] == "256")
        #expect(flags["--threads"] == "2" && flags["--threads-batch"] == "2")
        #expect(flags["--cache-ram"] == "0" && flags["--ctx-checkpoints"] == "0")
        #expect(flags["--load-mode"] == "mmap" && flags["--no-repack"] != nil && flags["--repack"] == nil)
        #expect(flags["--cache-type-k"] == "f16" && flags["--cache-type-v"] == "f16")
        #expect(flags["--fit"] == "off" && flags["--mmproj"] == "/p.gguf" && flags["--image-max-tokens"] == "1024")
        #expect(flags["--embeddings"] == nil && flags["--flash-attn"] == nil)
    }

    @Test func everyChoiceOfAPlanReachesTheEngine() {
        let load = LoadSettings(
            contextLength: 2048, loadMode: .repacked, cacheType: .q8, imageTokens: 300, promptCacheMebibytes: 64)
        let flags = flags(load, mmproj: "/p.gguf")
        #expect(flags["--load-mode"] == "none" && flags["--repack"] != nil && flags["--no-repack"] == nil)
        #expect(flags["--cache-type-k"] == "q8_0" && flags["--cache-type-v"] == "q8_0")
        #expect(flags["--flash-attn"] == "on" && flags["--cache-ram"] == "64")
        #expect(flags["--image-max-tokens"] == "300")
    }

    @Test func otherMachinesAreNamedOnlyWhereTheyAreConfigured() {
        let alone = flags(LoadSettings(contextLength: 512))
        #expect(alone["--rpc"] == nil && alone["--gpu-layers"] == nil)
        let shared = flags(LoadSettings(contextLength: 512)) { $0.rpc = ["a:1", "10.0.0.7:50052"] }
        #expect(shared["--rpc"] == "a:1,10.0.0.7:50052" && shared["--gpu-layers"] == "all")
    }

    @Test func anEmbeddingFitsInOneStep() {
        let flags = flags(LoadSettings(contextLength: 2048, isEmbedding: true))
        #expect(flags["--ubatch-size"] == "2048" && flags["--batch-size"] == "2048" && flags["--embeddings"] != nil)
    }

    @Test func whatTheConfigurationSaysOfAFileReachesTheEngine() {
        #expect(flags(LoadSettings(contextLength: 512))["--chat-template-file"] == nil)
        #expect(
            flags(LoadSettings(contextLength: 512)) { $0.chatTemplate = "/t.jinja" }["--chat-template-file"]
                == "/t.jinja")
        let judge = flags(LoadSettings(contextLength: 512, isEmbedding: true)) { $0.isReranker = true }
        #expect(judge["--reranking"] != nil && judge["--embeddings"] == nil)
    }

    @Test func aWarmUpFillsAStepAndStaysWithinTheContext() {
        #expect(WorkerWarmUp.tokens(LoadSettings(contextLength: 4096)).count == 512)
        #expect(WorkerWarmUp.tokens(LoadSettings(contextLength: 256)).count == 255)
        #expect(WorkerWarmUp.tokens(LoadSettings(contextLength: 512, isEmbedding: true)).count == 512)
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
        let settings = LlamaServerSettings(
            gguf: "/m.gguf", mmproj: nil, load: LoadSettings(contextLength: 512), threads: 1)
        let environment = ModelWorker.environment(
            of: settings.command(engine: "/e", socket: "/run/a.sock"),
            inheriting: ["PATH": "/bin", "LLAMA_ARG_CTX_SIZE": "1", "HF_TOKEN": "secret", "HOME": "/h"])
        let expected: Set = [
            "PATH", "HOME", "GGML_NO_BACKTRACE", "MALLOC_MMAP_THRESHOLD_", "LLAMA_SERVER_ROUTER_PORT",
        ]
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
