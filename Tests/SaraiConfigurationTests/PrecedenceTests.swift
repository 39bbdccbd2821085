import SaraiCore
import Testing

@testable import SaraiConfiguration

@Suite("Precedence and origins")
struct PrecedenceTests {
    private static let file = localModel + "memory:\n  max_ram_gb: 1\nserver:\n  listen: 127.0.0.1:1\n"

    @Test(
        "flag beats environment beats .env beats file beats default",
        arguments: [
            (
                ["memory.max_ram_gb": "4"], ["MAX_RAM_GB": "3"], "MAX_RAM_GB=2", file,
                "4GiB from flag --set memory.max_ram_gb"
            ),
            ([:], ["MAX_RAM_GB": "3"], "MAX_RAM_GB=2", file, "3GiB from environment MAX_RAM_GB"),
            ([:], [:], "\nMAX_RAM_GB=2", file, "2GiB from .env:2"),
            ([:], ["MAX_RAM_GB": ""], "MAX_RAM_GB=2", file, "2GiB from .env:1"),
            ([:], [:], "", file, "1GiB from sarai.yaml:6"),
            ([:], [:], "MAX_RAM_GB=", localModel, "12GiB from default"),
        ] as [([String: String], [String: String], String, String, String)])
    func matrix(
        flags: [String: String], environment: [String: String], dotEnv: String, yaml: String, expected: String
    ) throws {
        let loaded = try loader(yaml, dotEnv: dotEnv, environment: environment, flags: flags).load()
        #expect(loaded.origin(of: "memory.max_ram_gb") == expected)
    }

    @Test("listen has a flag of its own")
    func listen() throws {
        let loaded = try loader(
            Self.file, environment: ["SARAI_LISTEN": "127.0.0.1:2"], flags: ["server.listen": "localhost:0"]
        ).load()
        #expect(loaded.origin(of: "server.listen") == "localhost:0 from flag --listen")
        let fromEnvironment = try loader(Self.file, environment: ["SARAI_LISTEN": "127.0.0.1:2"]).load()
        #expect(fromEnvironment.origin(of: "server.listen") == "127.0.0.1:2 from environment SARAI_LISTEN")
    }

    @Test("PREFER_HTTP of each model decides the order of its targets")
    func preferHTTP() throws {
        let yaml =
            remoteModel.replacing("  m:", with: "  my-model.2:") + "    fallback: gguf_native\n    gguf: /m.gguf\n"
        func order(dotEnv: String? = nil, environment: [String: String] = [:], in yaml: String) throws -> [TargetKind] {
            let models = try loader(yaml, dotEnv: dotEnv, environment: environment).load().configuration.models
            return models.flatMap { $0.targets.map(\.id.kind) }
        }
        #expect(try order(in: yaml) == [.ollama, .gguf])
        #expect(try order(dotEnv: "MY_MODEL_2_PREFER_HTTP=false", in: yaml) == [.gguf, .ollama])
        #expect(try order(environment: ["MY_MODEL_2_PREFER_HTTP": "0"], in: yaml) == [.gguf, .ollama])
        let local = yaml + "    prefer_http: false\n"
        #expect(try order(in: local) == [.gguf, .ollama])
        #expect(try order(environment: ["MY_MODEL_2_PREFER_HTTP": "true"], in: local) == [.ollama, .gguf])
    }

    @Test("the seed's four variables work together")
    func seedVariables() throws {
        let dotEnv = """
            SOLAR_PREFER_HTTP=false
            MAX_CONCURRENT_LLMS=2
            OLLAMA_BASE_URL=http://192.168.1.20:11434
            MAX_RAM_GB=10
            """
        let loaded = try loader(fullYAML, dotEnv: dotEnv).load()
        #expect(loaded.origin(of: "models.solar.prefer_http") == "false from .env:1")
        #expect(loaded.origin(of: "memory.max_concurrent_llms") == "2 from .env:2")
        #expect(loaded.origin(of: "models.solar.servers") == "[http://192.168.1.20:11434] from sarai.yaml:6 (.env:3)")
        #expect(loaded.origin(of: "memory.max_ram_gb") == "10GiB from .env:4")
        #expect(loaded.configuration.models.first?.targets.first?.id.kind == .gguf)
    }

    @Test("OLLAMA_BASE_URL serves an ollama_http model without servers, and only that")
    func defaultServer() throws {
        let yaml = "models:\n  m:\n    backend: ollama_http\n"
        let loaded = try loader(yaml, environment: ["OLLAMA_BASE_URL": "http://h"]).load()
        #expect(loaded.origin(of: "models.m.servers") == "[http://h:80] from environment OLLAMA_BASE_URL")
        #expect(
            problems(yaml) == [
                "/etc/sarai/sarai.yaml:3:14: models.m.servers: backend ollama_http needs a server. Add 'servers: "
                    + "[http://HOST:PORT]', or set OLLAMA_BASE_URL in the environment or in '.env'."
            ])
        #expect(
            problems(yaml, dotEnv: "OLLAMA_BASE_URL=h:1") == [
                "/etc/sarai/.env:1: models.m.servers: expected a URL such as 'http://10.0.0.7:11434', found 'h:1'. "
                    + "Write 'http://' before it."
            ])
        let openAI = yaml.replacing("ollama_http", with: "openai_http")
        #expect(codes(openAI, environment: ["OLLAMA_BASE_URL": "http://h"]) == ["missing_key"])
    }

    @Test("the first of two .env files counts")
    func twoDotEnvFiles() throws {
        var loader = loader(localModel, dotEnv: "MAX_RAM_GB=1")
        loader.dotEnv.append(SourceFile(path: ".env", text: "MAX_RAM_GB=2\nMAX_CONCURRENT_LLMS=5"))
        let loaded = try loader.load()
        #expect(loaded.configuration.memory.budget == .gibibytes(1))
        #expect(loaded.configuration.memory.maxConcurrentLLMs == 5)
    }

    @Test("config show lists what is in effect, and nothing that a model has no use for")
    func list() throws {
        let loaded = try loader(localModel).load()
        #expect(loaded.origin(of: "models.m.gguf") == "/m.gguf from sarai.yaml:4")
        #expect(loaded.origin(of: "models.m.slots") == "1 from default")
        #expect(loaded.origin(of: "models.m.threads") == "the cores that the daemon may use from default")
        #expect(loaded.origin(of: "models.m.servers") == nil)
        #expect(loaded.origin(of: "timeouts.load") == "5m from default")
        #expect(loaded.origin(of: "server.max_body") == "4MiB from default")
        #expect(loaded.origins.first?.keyPath == "models.m.role")
    }

    @Test("a flag for a key that does not exist is an error; one for a model's key works")
    func flags() throws {
        #expect(
            problems(loader(localModel, flags: ["memory.max_ram": "1"])) == [
                "flag --set memory.max_ram: memory.max_ram: unknown key. Did you mean 'memory.max_ram_gb'?"
            ])
        let loaded = try loader(localModel, flags: ["models.m.context_length": "512"]).load()
        #expect(loaded.configuration.models.first?.local?.contextLength == 512)
        #expect(
            problems(loader(localModel, flags: ["models.m.slots": "many"])) == [
                "flag --set models.m.slots: models.m.slots: expected a whole number from 1 to 256, found 'many'."
            ])
    }
}
