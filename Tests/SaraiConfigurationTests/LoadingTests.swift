import SaraiCore
import Testing

@testable import SaraiConfiguration

@Suite("A valid configuration")
struct LoadingTests {
    private let environment = ["OLLAMA_BASE_URL": "http://10.0.0.7:11434/"]

    @Test("the full file becomes models with targets in order of preference")
    func models() throws {
        let loaded = try loader(fullYAML, environment: environment).load()
        let models = loaded.configuration.models
        #expect(models.map(\.name.rawValue) == ["solar", "lfm2", "omni", "embedding"])
        #expect(models.map(\.role) == [.expert, .small, .omni, .embedding])
        let solar = try #require(models.first)
        #expect(solar.targets.map(\.id.description) == ["solar/ollama_http@10.0.0.7:11434", "solar/gguf_native"])
        #expect(solar.targets.map(\.tier) == [0, 1])
        #expect(solar.targets.map(\.isSameModel) == [true, true])
        #expect(solar.remote.first?.url == "http://10.0.0.7:11434")
        #expect(solar.remote.first?.model == "solar:10.7b")
        #expect(solar.remote.first?.capacity == 4)
        #expect(solar.local?.contextLength == 2048)
        #expect(solar.local?.gguf == "/etc/sarai/models/solar-10.7b-instruct-v1.0.Q4_K_M.gguf")
        #expect(models[2].local?.mmproj == "/etc/sarai/models/mmproj-Qwen2.5-Omni-7B-Q8_0.gguf")
        #expect(models.map(\.isResident) == [false, false, false, true])
        #expect(models.map { $0.local?.slots } == [1, 1, 1, 4])
        #expect(models.map { $0.local?.isEmbedding } == [false, false, false, true])
        #expect(loaded.configuration.memory.budget == .gibibytes(12))
        #expect(loaded.warnings.isEmpty)
        #expect(loaded.missingFiles.isEmpty)
    }

    @Test("every section has its defaults")
    func defaults() throws {
        let configuration = try loader(localModel).load().configuration
        #expect(configuration.memory.budget == .gibibytes(12))
        #expect(configuration.memory.maxConcurrentLLMs == 3)
        #expect(configuration.memory.strategy == .hybrid)
        #expect(configuration.server == ServerConfiguration())
        #expect(configuration.server.listen == .tcp(host: "127.0.0.1", port: 11_435))
        #expect(configuration.server.maxBody == .mebibytes(4))
        #expect(configuration.server.maxMediaBody == .mebibytes(32))
        #expect(configuration.timeouts == TimeoutConfiguration())
        #expect(configuration.timeouts.firstToken == .seconds(120))
        #expect(configuration.timeouts.request == .seconds(1800))
        #expect(configuration.failover == FailoverConfiguration())
        #expect(configuration.failover.ejectAfter == 3 && configuration.failover.retryShare == 0.2)
        #expect(configuration.failover.selfProbe == .every(.seconds(600)))
        #expect(configuration.engine.llamaServer == nil)
        let model = try #require(configuration.models.first)
        #expect(model.role == .general)
        #expect(!model.isResident && !model.isBestEffort)
        #expect(model.targets.map(\.tier) == [0] && model.targets.map(\.isSameModel) == [false])
        #expect(model.local?.contextLength == 4096)
        #expect(model.local?.threads == nil)
    }

    @Test("every key can be set")
    func everything() throws {
        let yaml = """
            models:
              m:
                role: general
                backend: openai_http
                model: other
                servers: [https://A.example/v1/, "http://[::1]:8000"]
                api_key: ${KEY}
                capacity: 9
                fallback: gguf_native
                gguf: ~/m.gguf
                mmproj: /p.gguf
                context_length: 8_192
                slots: 2
                threads: 3
                same_model: yes
                resident: on
                best_effort: true
                prefer_http: false
            memory: {max_ram_gb: 700MiB, max_concurrent_llms: 64, strategy: hybrid_http_gguf}
            server:
              listen: unix:run/s.sock
              max_body: 1MB
              max_media_body: 1GiB
              max_queue: 1
              allowed_hosts: sarai.example
            timeouts: {connect: 500ms, first_token: 2m, stall: 1.5, load: 1h, queue: 1, request: 5m, health_interval: 10s,
              drain: 24h}
            failover: {eject_after: 1, ejection: 250ms, max_ejection: 2m, slow_start: 1s, self_probe: never, retry_share: 1}
            engine: {llama_server: bin/llama-server}

            """
        let loaded = try loader(yaml, environment: ["KEY": "s3cret"]).load()
        let model = try #require(loaded.configuration.models.first)
        #expect(
            model.targets.map(\.id.description)
                == ["m/gguf_native", "m/openai_http@a.example:443", "m/openai_http@[::1]:8000"])
        #expect(model.remote.map(\.url) == ["https://a.example:443", "http://[::1]:8000"])
        #expect(model.remote.allSatisfy { $0.apiKey?.value == "s3cret" && $0.capacity == 9 && $0.model == "other" })
        #expect(model.local?.gguf == "/home/ana/m.gguf")
        #expect(model.local?.mmproj == "/p.gguf")
        #expect(model.local?.contextLength == 8192)
        #expect(model.local?.threads == 3)
        #expect(model.isResident && model.isBestEffort)
        #expect(model.targets.map(\.tier) == [0, 1, 1])
        #expect(model.targets.map(\.isSameModel) == [true, true, true])
        #expect(loaded.configuration.memory.budget == .mebibytes(700))
        #expect(loaded.configuration.server.listen == .unix(path: "/etc/sarai/run/s.sock"))
        #expect(loaded.configuration.server.maxBody.bytes == 1_000_000)
        #expect(loaded.configuration.server.allowedHosts == ["sarai.example"])
        let timeouts = loaded.configuration.timeouts
        #expect(timeouts.connect == .milliseconds(500) && timeouts.stall == .milliseconds(1500))
        #expect(timeouts.load == .seconds(3600) && timeouts.drain == .seconds(86_400))
        #expect(timeouts.request == .seconds(300))
        let failover = loaded.configuration.failover
        #expect(failover.ejectAfter == 1 && failover.ejection == .milliseconds(250))
        #expect(failover.maxEjection == .seconds(120) && failover.slowStart == .seconds(1))
        #expect(failover.selfProbe == .never && failover.retryShare == 1)
        #expect(loaded.configuration.engine.llamaServer == "/etc/sarai/bin/llama-server")
        #expect(loaded.warnings.isEmpty)
    }

    @Test("a model's name on the server is its own unless given")
    func ownName() throws {
        let model = try loader(remoteModel).load().configuration.models.first
        #expect(model?.remote.map(\.model) == ["m"])
    }

    @Test("anchors, aliases and merges work")
    func anchors() throws {
        let yaml = """
            models:
              a: &local
                backend: gguf_native
                gguf: /a.gguf
                context_length: 1024
              b:
                <<: *local
                gguf: /b.gguf

            """
        let models = try loader(yaml).load().configuration.models
        #expect(models.map { $0.local?.gguf } == ["/a.gguf", "/b.gguf"])
        #expect(models.map { $0.local?.contextLength } == [1024, 1024])
    }

    @Test("an empty section is the section's defaults")
    func emptySection() throws {
        #expect(try loader(localModel + "memory:\nserver: ~\n").load().configuration.server == ServerConfiguration())
    }

    @Test("secrets are masked wherever values are shown")
    func secrets() throws {
        let loaded = try loader(remoteModel + "    api_key: $K${KEY}\n", environment: ["KEY": "s3cret"]).load()
        #expect(loaded.origin(of: "models.m.api_key") == "••• from sarai.yaml:5 (environment KEY)")
        #expect(!String(describing: loaded).contains("s3cret"))
        #expect(!String(reflecting: loaded.origins).contains("s3cret"))
        #expect(loaded.configuration.models.first?.remote.first?.apiKey?.value == "$Ks3cret")
        let none = try loader(remoteModel + "    api_key: ${KEY:-}\n").load()
        #expect(none.configuration.models.first?.remote.first?.apiKey == nil)
        #expect(none.warnings.isEmpty)
    }
}
