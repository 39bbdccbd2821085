import SaraiCore
import Testing

@testable import SaraiConfiguration

@Suite("Problems of a configuration")
struct ProblemTests {
    @Test("an unknown key has its line, its column and the nearest key")
    func unknownKeys() {
        let yaml = """
            models:
              solar:
                backend: ollama_http
                servrs: [http://h:1]
                servers: [http://h:1]
            memori:
              max_ram_gb: 12
            server:
                zzz: 1
            max_queue: 3
            timeouts:
              max_ram_gb: 3

            """
        #expect(
            problems(yaml) == [
                "/etc/sarai/sarai.yaml:4:5: models.solar.servrs: unknown key. Did you mean 'servers'?",
                "/etc/sarai/sarai.yaml:6:1: memori: unknown key. Did you mean 'memory'?",
                "/etc/sarai/sarai.yaml:9:5: server.zzz: unknown key.",
                "/etc/sarai/sarai.yaml:10:1: max_queue: unknown key here. It belongs under 'server'.",
                "/etc/sarai/sarai.yaml:12:3: timeouts.max_ram_gb: unknown key here. It belongs under 'memory'.",
            ])
    }

    @Test("all problems of a file are reported together, from top to bottom")
    func together() {
        let yaml = """
            memory: {max_ram_gb: 0}
            models:
              solar:
                backend: olama_http
                context_length: [1]
              lfm2: 3
              "bad name": {}
            server: []

            """
        #expect(
            problems(yaml, dotEnv: "what\nMAX_CONCURRENT_LLMS=many") == [
                "/etc/sarai/.env:1: expected NAME=value, found no '='.",
                "/etc/sarai/.env:2: memory.max_concurrent_llms: expected a whole number from 1 to 64, found 'many'.",
                "/etc/sarai/sarai.yaml:1:22: memory.max_ram_gb: expected a size above 0, found '0'.",
                "/etc/sarai/sarai.yaml:4:14: models.solar.backend: expected one of ollama_http, openai_http, gguf_native, "
                    + "whisper_native, found 'olama_http'. Did you mean 'ollama_http'?",
                "/etc/sarai/sarai.yaml:5:21: models.solar.context_length: expected a whole number from 128 to 1048576, "
                    + "found a list.",
                "/etc/sarai/sarai.yaml:6:3: models.lfm2.backend: the key is missing. Write one of ollama_http, "
                    + "openai_http, gguf_native, whisper_native.",
                "/etc/sarai/sarai.yaml:6:9: models.lfm2: expected a mapping of keys to values, found '3'.",
                "/etc/sarai/sarai.yaml:7:3: models.bad name: not a model's name: 1 to 128 characters of A–Z a–z 0–9 . _ "
                    + "- / :, first a letter or a digit.",
                "/etc/sarai/sarai.yaml:8:9: server: expected a mapping of keys to values, found a list.",
            ])
    }

    @Test(
        "no models",
        arguments: [
            ("memory: {}\n", "missing_key"), ("models:\n", "missing_key"), ("models: {}\n", "wrong_type"),
            ("models: [a]\n", "wrong_type"), ("models: text\n", "wrong_type"), ("text\n", "wrong_type"),
            ("[1]\n", "wrong_type"), ("", "missing_key"), ("# nothing\n", "missing_key"), ("---\n", "wrong_type"),
        ])
    func noModels(yaml: String, code: String) {
        #expect(codes(yaml) == [code])
    }

    @Test(
        "wrong types and values of a local model's keys",
        arguments: [
            ("context_length: 4k", "wrong_type"), ("context_length: 127", "out_of_range"),
            ("context_length: 1048577", "out_of_range"), ("context_length: 0x100", "wrong_type"),
            ("context_length: 01000", "wrong_type"), ("context_length: 1.5", "wrong_type"),
            ("context_length: true", "wrong_type"), ("context_length:", "wrong_type"),
            ("context_length: {}", "wrong_type"), ("context_length: 99999999999999999999", "wrong_type"),
            ("slots: 0", "out_of_range"), ("threads: -1", "out_of_range"), ("resident: maybe", "wrong_type"),
            ("role: expret", "invalid_value"), ("fallback: ollama_http", "invalid_value"),
            ("mmproj: yes", "wrong_type"), ("mmproj: ''", "invalid_value"), (#"mmproj: "a\nb""#, "invalid_value"),
            ("same_model: true", "conflict"), ("? [a]\n    : 1", "yaml_syntax"),
        ])
    func localValues(line: String, code: String) {
        #expect(codes(localModel + "    \(line)\n") == [code])
    }

    @Test(
        "wrong values of a remote model's keys",
        arguments: [
            ("fallback: gguf_native", "missing_key"), ("mmproj: /p.gguf", "conflict"), ("same_model: true", "conflict"),
            ("capacity: 0", "out_of_range"), ("model: true", "wrong_type"), ("model: ''", "invalid_value"),
            ("api_key: 'a b'", "invalid_value"), (#"api_key: "a\r\nb""#, "invalid_value"),
            ("api_key: []", "wrong_type"),
            ("servers: []", "duplicate"),
        ])
    func remoteValues(line: String, code: String) {
        #expect(codes(remoteModel + "    \(line)\n") == [code])
    }

    @Test(
        "wrong values of the other sections",
        arguments: [
            ("memory: {max_ram_gb: 17}", "out_of_range"), ("memory: {max_ram_gb: -1}", "wrong_type"),
            ("memory: {max_ram_gb: 12 apples}", "wrong_type"), ("memory: {max_ram_gb: .inf}", "wrong_type"),
            ("memory: {max_ram_gb: 0.0000000001}", "out_of_range"), ("memory: {strategy: evict}", "invalid_value"),
            ("memory: {max_concurrent_llms: 65}", "out_of_range"), ("timeouts: {connect: 0}", "out_of_range"),
            ("timeouts: {connect: 0ms}", "out_of_range"), ("timeouts: {load: 25h}", "out_of_range"),
            ("timeouts: {stall: soon}", "wrong_type"), ("timeouts: {stall: -3s}", "wrong_type"),
            ("timeouts: {stall: 1e999s}", "wrong_type"), ("server: {max_body: 2GiB}", "out_of_range"),
            ("server: {max_queue: -1}", "out_of_range"), ("server: {allowed_hosts: {}}", "wrong_type"),
            ("server: {allowed_hosts: [a, []]}", "wrong_type"), ("server: {allowed_hosts: [yes]}", "wrong_type"),
            ("engine: {llama_server: [a]}", "wrong_type"), ("timeouts: {request: 0}", "out_of_range"),
            ("failover: {eject_after: 0}", "out_of_range"), ("failover: {eject_after: 101}", "out_of_range"),
            ("failover: {ejection: never}", "wrong_type"), ("failover: {self_probe: 0}", "out_of_range"),
            ("failover: {self_probe: off}", "wrong_type"), ("failover: {retry_share: 1.1}", "out_of_range"),
            ("failover: {retry_share: 20%}", "wrong_type"), ("failover: {retry_share: -0.1}", "wrong_type"),
            ("failover: {retry_share: .nan}", "wrong_type"), ("failover: {retry_share: 1.2.3}", "wrong_type"),
        ])
    func otherValues(line: String, code: String) {
        #expect(codes(localModel + line + "\n") == [code])
    }

    @Test("a budget above the machine's memory names both, and the unit of a bare number")
    func budget() {
        #expect(
            problems(localModel + "memory:\n  max_ram_gb: 12000\n") == [
                "/etc/sarai/sarai.yaml:6:15: memory.max_ram_gb: expected at most the memory of this machine, 16.0 GiB, "
                    + "found 12000 (12000 GiB). A number without a unit counts GiB."
            ])
        #expect(
            problems(localModel, environment: ["MAX_RAM_GB": "20GB"]) == [
                "environment MAX_RAM_GB: memory.max_ram_gb: expected at most the memory of this machine, 16.0 GiB, "
                    + "found 20GB (18.6 GiB)."
            ])
    }

    @Test("a first ejection that is longer than the longest is an error at the value that somebody set")
    func ejections() {
        #expect(
            problems(localModel + "failover: {ejection: 2m}\n") == [
                "/etc/sarai/sarai.yaml:5:22: failover.ejection: an ejection of 2m is more than max_ejection, 1m. Lower it or "
                    + "raise the other."
            ])
        #expect(
            problems(localModel + "failover: {max_ejection: 500ms}\n") == [
                "/etc/sarai/sarai.yaml:5:26: failover.max_ejection: an ejection of 1s is more than max_ejection, 500ms. "
                    + "Lower it or raise the other."
            ])
        #expect(codes(localModel + "failover: {ejection: 2m, max_ejection: 2m}\n").isEmpty)
        #expect(codes(localModel + "failover: {ejection: 2m, max_ejection: soon}\n") == ["wrong_type"])
    }

    @Test("the seed's keys alone lack the models' files, and the message says so")
    func seedWithoutFiles() {
        let yaml = """
            models:
              solar:
                backend: "ollama_http"
                fallback: "gguf_native"

              lfm2:
                backend: "gguf_native"

            """
        #expect(
            problems(yaml, environment: ["OLLAMA_BASE_URL": "http://h:1"]) == [
                "/etc/sarai/sarai.yaml:4:15: models.solar.gguf: fallback gguf_native needs the model's file. Add "
                    + "'gguf: models/FILE.gguf'.",
                "/etc/sarai/sarai.yaml:7:14: models.lfm2.gguf: backend gguf_native needs the model's file. Add "
                    + "'gguf: models/FILE.gguf'.",
            ])
    }

    @Test("a value that cannot be read does not cause further problems")
    func noEchoes() {
        #expect(codes("models: {m: {backend: gguf_native, gguf: []}}") == ["wrong_type"])
        #expect(codes("models: {m: {backend: ollama_http, servers: [ftp://h]}}") == ["invalid_value"])
        #expect(codes("models: {m: {backend: nope, same_model: true}}") == ["invalid_value"])
    }

    @Test("two names for one model are an error")
    func duplicateModels() {
        let yaml = localModel + "  m:latest: {backend: gguf_native, gguf: /n.gguf}\n"
        #expect(
            problems(yaml) == [
                "/etc/sarai/sarai.yaml:5:3: models.m:latest: the model 'm' is here already in line 2; the tag 'latest' "
                    + "makes no difference."
            ])
    }

    @Test("warnings tell of keys without effect, secrets in the file and stray variables")
    func warnings() throws {
        let yaml = """
            models:
              solar: {backend: ollama_http, servers: http://h:1, gguf: /s.gguf, resident: true, slots: 1, api_key: k}
              lfm2: {backend: gguf_native, gguf: /l.gguf, capacity: 2, fallback: gguf_native, prefer_http: true}

            """
        let environment = ["SOLR_PREFER_HTTP": "1", "LFM2_PREFER_HTTP": "1", "MAX_RAM": "3"]
        let loaded = try loader(yaml, dotEnv: "MAX_RAM_GIB=1\nFOO=1", environment: environment).load()
        let noFile = "has no effect: the model has no GGUF file (no backend or fallback is gguf_native)."
        #expect(
            loaded.warnings.map(\.description) == [
                "environment SOLR_PREFER_HTTP: SOLR_PREFER_HTTP names no model of this configuration. Did you mean "
                    + "'SOLAR_PREFER_HTTP'?",
                "/etc/sarai/.env:1: MAX_RAM_GIB has no effect: nothing reads it. Did you mean 'MAX_RAM_GB'?",
                "/etc/sarai/sarai.yaml:2:60: models.solar.gguf: \(noFile)",
                "/etc/sarai/sarai.yaml:2:79: models.solar.resident: has no effect: the model has no local target (no "
                    + "backend or fallback is gguf_native or whisper_native).",
                "/etc/sarai/sarai.yaml:2:92: models.solar.slots: \(noFile)",
                "/etc/sarai/sarai.yaml:2:104: models.solar.api_key: a secret stands in the file itself. Put it in '.env' "
                    + "and write ${NAME} here.",
                "/etc/sarai/sarai.yaml:3:57: models.lfm2.capacity: has no effect: the model has no server (its backend is "
                    + "on this machine).",
                "/etc/sarai/sarai.yaml:3:70: models.lfm2.fallback: has no effect: the backend is on this machine already.",
            ])
    }
}
