import SaraiCore
import Testing

@testable import SaraiConfiguration

@Suite("Lists of targets")
struct TargetsTests {
    private static let list = """
        models:
          m:
            targets:
              - backend: openai_http
                servers: [http://a:1/v1, {url: "http://b:1/v1/", capacity: 9}]
                model: big
                api_key: ${KEY}
                capacity: 2
              - {backend: ollama_http, servers: http://a:1}
              - backend: gguf_native
                same_model: true
              - {backend: openai_http, servers: {url: http://c}, same_model: yes}
            gguf: /m.gguf
            slots: 2

        """

    private func targets(_ yaml: String, environment: [String: String] = [:]) throws -> [TargetConfiguration] {
        try loader(yaml, environment: environment).load().configuration.models.flatMap(\.targets)
    }

    @Test("entries become tiers in order, their servers share one")
    func tiers() throws {
        let loaded = try loader(Self.list, environment: ["KEY": "s3cret"]).load()
        let targets = loaded.configuration.models.flatMap(\.targets)
        #expect(
            targets.map(\.id.description) == [
                "m/openai_http@a:1", "m/openai_http@b:1", "m/ollama_http@a:1", "m/gguf_native", "m/openai_http@c:80",
            ])
        #expect(targets.map(\.tier) == [0, 0, 1, 2, 3])
        #expect(targets.map(\.isSameModel) == [true, true, false, true, true])
        let remote = targets.compactMap(\.remote)
        #expect(remote.map(\.url) == ["http://a:1", "http://b:1", "http://a:1", "http://c:80"])
        #expect(remote.map(\.capacity) == [2, 9, 4, 4])
        #expect(remote.map(\.model) == ["big", "big", "m", "m"])
        #expect(remote.map { $0.apiKey?.value } == ["s3cret", "s3cret", nil, nil])
        #expect(loaded.configuration.models.first?.local?.slots == 2)
        #expect(loaded.warnings.isEmpty)
    }

    @Test("the first entry is the same model only where a later one says so")
    func nothingShared() throws {
        let yaml = Self.list.replacing("        same_model: true\n", with: "").replacing(
            ", same_model: yes", with: "")
        #expect(
            try targets(yaml.replacing("${KEY}", with: "''")).map(\.isSameModel) == Array(repeating: false, count: 5))
    }

    @Test("the short form is a list of one or two entries")
    func shortForm() throws {
        let short = """
            models:
              m:
                backend: ollama_http
                servers: [http://a:1, {url: http://b:1, capacity: 1}]
                capacity: 3
                fallback: gguf_native
                same_model: true
                gguf: /m.gguf

            """
        let long = """
            models:
              m:
                targets:
                  - {backend: ollama_http, servers: [http://a:1, {url: http://b:1, capacity: 1}], capacity: 3}
                  - {backend: gguf_native, same_model: true}
                gguf: /m.gguf

            """
        #expect(try targets(short) == targets(long))
        #expect(try targets(short).map(\.tier) == [0, 0, 1])
        #expect(try targets(short).compactMap(\.remote).map(\.capacity) == [3, 1])
        let localFirst = try targets(short, environment: ["M_PREFER_HTTP": "no"])
        #expect(localFirst.map(\.id.kind) == [.gguf, .ollama, .ollama])
        #expect(localFirst.map(\.tier) == [0, 1, 1])
        #expect(localFirst.map(\.isSameModel) == [true, true, true])
    }

    @Test("OLLAMA_BASE_URL serves an entry without servers")
    func defaultServer() throws {
        let yaml = "models:\n  m:\n    targets: {backend: ollama_http}\n"
        let loaded = try loader(yaml, environment: ["OLLAMA_BASE_URL": "http://h"]).load()
        #expect(loaded.configuration.models.first?.remote.map(\.url) == ["http://h:80"])
        #expect(loaded.origin(of: "models.m.targets[0].servers") == "[http://h:80] from environment OLLAMA_BASE_URL")
        #expect(
            problems("models:\n  m:\n    targets: [{backend: openai_http}]\n") == [
                "/etc/sarai/sarai.yaml:3:25: models.m.targets[0].servers: backend openai_http needs a server. Add "
                    + "'servers: [http://HOST:PORT]'."
            ])
    }

    @Test("config show lists the values of each entry with their origins, and nothing of the short form")
    func effectiveValues() throws {
        let loaded = try loader(Self.list, dotEnv: "KEY=s3cret").load()
        let listed = loaded.origins.filter { $0.keyPath.hasPrefix("models.") && $0.origin != .default }
        #expect(
            listed.map { "\($0.keyPath)=\($0.value) \($0.origin)" } == [
                "models.m.targets[0].backend=openai_http sarai.yaml:4",
                "models.m.targets[0].servers=[http://a:1, {url: http://b:1, capacity: 9}] sarai.yaml:5",
                "models.m.targets[0].model=big sarai.yaml:6",
                "models.m.targets[0].api_key=••• sarai.yaml:7 (.env:1)",
                "models.m.targets[0].capacity=2 sarai.yaml:8",
                "models.m.targets[1].backend=ollama_http sarai.yaml:9",
                "models.m.targets[1].servers=[http://a:1] sarai.yaml:9",
                "models.m.targets[2].backend=gguf_native sarai.yaml:10",
                "models.m.targets[2].same_model=true sarai.yaml:11",
                "models.m.targets[3].backend=openai_http sarai.yaml:12",
                "models.m.targets[3].servers=[http://c:80] sarai.yaml:12",
                "models.m.targets[3].same_model=true sarai.yaml:12",
                "models.m.gguf=/m.gguf sarai.yaml:13",
                "models.m.slots=2 sarai.yaml:14",
            ])
        #expect(loaded.origin(of: "models.m.targets[1].capacity") == "4 from default")
        #expect(loaded.origin(of: "models.m.targets[1].model") == "m from default")
        for absent in ["targets", "targets[2].capacity", "backend", "servers", "capacity", "fallback", "prefer_http"] {
            #expect(loaded.origin(of: "models.m.\(absent)") == nil)
        }
        #expect(try loader(localModel).load().origins.allSatisfy { !$0.keyPath.contains("targets") })
    }

    @Test("a variable inside a server's mapping is part of the list's origin")
    func variables() throws {
        let yaml = remoteModel.replacing("http://h:1", with: "[{url: \"${A}\", capacity: \"${N}\"}, http://i:1]")
        let loaded = try loader(yaml, environment: ["A": "http://h:1", "N": "7"]).load()
        #expect(
            loaded.origin(of: "models.m.servers")
                == "[{url: http://h:1, capacity: 7}, http://i:1] from sarai.yaml:4 (environment A, environment N)")
    }
}

@Suite("Problems of targets")
struct TargetProblemTests {
    @Test("a model has one form or the other")
    func bothForms() {
        let yaml = """
            models:
              m:
                backend: gguf_native
                targets: [{backend: gguf_native}]
                servers: [http://h:1]
                capacity: 3
                gguf: /m.gguf

            """
        let advice =
            "cannot stand beside 'targets': that list takes its place. Say it in the list, or remove one of the two."
        #expect(
            problems(yaml, environment: ["M_PREFER_HTTP": "1"]) == [
                "environment M_PREFER_HTTP: models.m.prefer_http: \(advice)",
                "/etc/sarai/sarai.yaml:3:14: models.m.backend: \(advice)",
                "/etc/sarai/sarai.yaml:5:14: models.m.servers: \(advice)",
                "/etc/sarai/sarai.yaml:6:15: models.m.capacity: \(advice)",
            ])
        for key in ["model: x", "api_key: x", "fallback: none", "same_model: false", "prefer_http: true"] {
            let yaml = "models: {m: {gguf: /m.gguf, targets: [{backend: gguf_native}], \(key)}}\n"
            #expect(codes(yaml) == ["conflict"], "\(key)")
        }
    }

    @Test("everything that is wrong inside the list has its place")
    func places() {
        let yaml = """
            models:
              m:
                targets:
                  - backend: gguf_native
                  - backend: ollama_htp
                    servers: [http://h:1]
                  - servers: [http://h:1, ftp://h]
                  - backend: ollama_http
                    servrs: [http://h:1]
                    servers:
                      - {url: http://h:1, capacity: 0}
                      - {capacity: 3}
                      - {url: http://i:1, model: x}
                    gguf: /m.gguf
                  - backend: gguf_native
                  - http://h:1
                  - ~

            """
        #expect(
            problems(yaml) == [
                "/etc/sarai/sarai.yaml:5:18: models.m.targets[1].backend: expected one of ollama_http, openai_http, "
                    + "gguf_native, whisper_native, found 'ollama_htp'. Did you mean 'ollama_http'?",
                "/etc/sarai/sarai.yaml:7:9: models.m.targets[2].backend: the key is missing. Write one of ollama_http, "
                    + "openai_http, gguf_native, whisper_native.",
                "/etc/sarai/sarai.yaml:7:31: models.m.targets[2].servers[1]: expected a URL such as "
                    + "'http://10.0.0.7:11434', found 'ftp://h'.",
                "/etc/sarai/sarai.yaml:9:9: models.m.targets[3].servrs: unknown key. Did you mean 'servers'?",
                "/etc/sarai/sarai.yaml:11:41: models.m.targets[3].servers[0].capacity: expected a whole number from 1 to "
                    + "1024, found 0.",
                "/etc/sarai/sarai.yaml:12:13: models.m.targets[3].servers[1].url: the key is missing. Write a URL such as "
                    + "'http://10.0.0.7:11434'.",
                "/etc/sarai/sarai.yaml:13:31: models.m.targets[3].servers[2].model: unknown key here. It is a key of the "
                    + "model itself.",
                "/etc/sarai/sarai.yaml:14:9: models.m.targets[3].gguf: unknown key here. It is a key of the model itself.",
                "/etc/sarai/sarai.yaml:16:9: models.m.targets[5]: expected a mapping that begins with 'backend:', found "
                    + "'http://h:1'.",
                "/etc/sarai/sarai.yaml:17:9: models.m.targets[6]: expected a mapping that begins with 'backend:', found "
                    + "nothing. Give it a value or remove the key.",
            ])
    }

    @Test("a second local target, and one without a file")
    func localTargets() {
        let yaml = """
            models:
              m:
                targets:
                  - backend: gguf_native
                  - same_model: true
                    backend: gguf_native

            """
        #expect(
            problems(yaml) == [
                "/etc/sarai/sarai.yaml:4:18: models.m.gguf: backend gguf_native needs the model's file. Add 'gguf: "
                    + "models/FILE.gguf'.",
                "/etc/sarai/sarai.yaml:6:18: models.m.targets[1].backend: a second target on this machine. A model has "
                    + "one; remove one of the two.",
            ])
    }

    @Test("one server twice with one backend is an error, with two backends it is not")
    func duplicateServers() {
        let yaml = """
            models:
              m:
                targets:
                  - {backend: ollama_http, servers: [http://h:1, {url: "http://H:1/x"}]}
                  - {backend: openai_http, servers: [http://h:1]}
                  - {backend: ollama_http, servers: [http://i:1, https://h:1]}

            """
        #expect(
            problems(yaml) == [
                "/etc/sarai/sarai.yaml:4:60: models.m.targets[0].servers[1]: h:1 is in the list twice. Remove one of the "
                    + "two.",
                "/etc/sarai/sarai.yaml:6:54: models.m.targets[2].servers[1]: h:1 is in targets[0] already. Remove one of "
                    + "the two.",
            ])
    }

    @Test(
        "lists that are none",
        arguments: [
            ("targets: []", "invalid_value"), ("targets:", "wrong_type"), ("targets: ollama_http", "wrong_type"),
            ("targets: [[]]", "wrong_type"), ("targets: {}", "missing_key"), ("targets: [{backend: }]", "wrong_type"),
            ("targets: [{backend: ollama_http, servers: []}]", "invalid_value"),
            ("targets: [{backend: ollama_http, servers: {}}]", "missing_key"),
            ("targets: [{backend: ollama_http, servers: [{url: x}]}]", "invalid_value"),
        ])
    func notLists(line: String, code: String) {
        #expect(codes("models:\n  m:\n    \(line)\n") == [code])
    }

    @Test("warnings tell of what has no effect")
    func warnings() throws {
        let yaml = """
            models:
              m:
                targets:
                  - {backend: ollama_http, servers: http://h:1, same_model: true}
                resident: true
              n:
                targets: [{backend: gguf_native, capacity: 3, servers: http://h:1}]
                gguf: /n.gguf

            """
        #expect(
            try loader(yaml).load().warnings.map(\.description) == [
                "/etc/sarai/sarai.yaml:4:65: models.m.targets[0].same_model: has no effect: this is the first target, with "
                    + "which the others compare themselves.",
                "/etc/sarai/sarai.yaml:5:15: models.m.resident: has no effect: the model has no local target (no backend or "
                    + "fallback is gguf_native or whisper_native).",
                "/etc/sarai/sarai.yaml:7:48: models.n.targets[0].capacity: has no effect: this target is on this machine, "
                    + "not a server.",
                "/etc/sarai/sarai.yaml:7:60: models.n.targets[0].servers: has no effect: this target is on this machine, "
                    + "not a server.",
            ])
    }
}
