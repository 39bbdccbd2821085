import Foundation
import SaraiCore
import Testing

@testable import SaraiConfiguration

@Suite("The difference between two configurations")
struct DifferenceTests {
    private typealias ChangedModel = ConfigurationDifference.ChangedModel

    private static let twin = """
        models:
          m:
            backend: ollama_http
            servers: [http://a:1, http://b:1]
            model: big
            api_key: ${KEY:-k1}
            fallback: gguf_native
            gguf: /m.gguf
            slots: 2
            min_slots: 1

        """

    private func difference(
        _ old: String, _ new: String, environment: [String: String] = [:]
    ) throws -> ConfigurationDifference {
        ConfigurationDifference(
            from: try loader(old).load().configuration,
            to: try loader(new, environment: environment).load().configuration)
    }

    /// What a change of ``twin`` changes: `capacity`, or `slots +worker` if the worker must restart.
    private func change(_ old: String, _ new: String) throws -> String {
        let difference = try difference(Self.twin, Self.twin.replacing(old, with: new))
        #expect(difference.added.isEmpty && difference.removed.isEmpty && difference.settings.isEmpty)
        #expect(difference.changed.allSatisfy { $0.model.rawValue == "m" && !$0.keys.isEmpty })
        return difference.changed.map { $0.keys.joined(separator: " ") + ($0.restartsWorker ? " +worker" : "") }
            .joined(separator: "; ")
    }

    @Test("the same configuration, written otherwise, does not differ")
    func same() throws {
        let long = """
            models:
              m:
                role: general
                targets:
                  - {backend: ollama_http, servers: [http://a:1, http://b:1/], model: big, api_key: k1, capacity: 4}
                  - backend: gguf_native
                gguf: /m.gguf
                slots: 2
                min_slots: 1
            timeouts: {stall: 30}

            """
        let difference = try difference(Self.twin, long)
        #expect(difference.isEmpty)
        #expect(difference.changed.isEmpty && difference.settings.isEmpty && !difference.isReordered)
    }

    @Test(
        "the keys of a model, and whether its worker must restart",
        arguments: [
            ("gguf: /m.gguf", "gguf: /n.gguf", "gguf +worker"),
            ("slots: 2", "slots: 3", "slots +worker"), ("min_slots: 1", "min_slots: 2", "min_slots +worker"),
            ("gguf: /m.gguf", "gguf: /m.gguf\n    mmproj: /p.gguf", "mmproj +worker"),
            (
                "slots: 2", "slots: 2\n    context_length: 8192\n    min_context_length: 2048",
                "context_length +worker"
            ),
            ("slots: 2", "slots: 2\n    min_context_length: 4096", "min_context_length +worker"),
            ("slots: 2", "slots: 2\n    load_mode: repacked", "load_mode +worker"),
            ("slots: 2", "slots: 2\n    kv_types: [q8_0]", "kv_types +worker"),
            ("slots: 2", "slots: 2\n    micro_batch: 512", "micro_batch +worker"),
            ("slots: 2", "slots: 2\n    threads: 1", "threads +worker"),
            ("model: big", "model: big\n    role: expert", "role"),
            (
                "slots: 2", "slots: 2\n    role: embedding",
                "role context_length min_context_length +worker"
            ),
            ("model: big", "model: small", "model"), ("k1", "k2", "api_key"),
            ("model: big", "model: big\n    capacity: 5", "capacity"),
            ("http://b:1", "{url: http://b:1, capacity: 5}", "capacity"),
            ("http://b:1", "http://c:1", "servers"), (", http://b:1", "", "servers"),
            ("http://b:1", "http://b:1/x", "servers"),
            ("http://a:1, http://b:1", "http://b:1, http://a:1", "targets"),
            ("model: big", "model: big\n    prefer_http: false", "targets"),
            ("model: big", "model: big\n    same_model: true", "same_model"),
            ("ollama_http", "openai_http", "backend servers"),
            ("fallback: gguf_native", "fallback: none", "backend +worker"),
            ("backend: ollama_http", "backend: openai_http\n    pinned: true", "backend servers pinned"),
            ("slots: 2", "slots: 2\n    resident: true", "resident"),
            ("slots: 2", "slots: 2\n    on_full: reject", "on_full"),
            ("slots: 2", "slots: 2\n    keep_alive: 5m", "keep_alive"),
            ("slots: 2", "slots: 2\n    best_effort: true", "best_effort"),
        ])
    func keys(old: String, new: String, expected: String) throws {
        #expect(try change(old, new) == expected)
    }

    @Test("servers that move to a tier of their own are a change of preference")
    func tiers() throws {
        let one = "models: {m: {targets: [{backend: ollama_http, servers: [http://a:1, http://b:1]}]}}\n"
        let two = """
            models:
              m:
                targets:
                  - {backend: ollama_http, servers: [http://a:1]}
                  - {backend: ollama_http, servers: [http://b:1]}

            """
        #expect(try difference(one, two).changed.map(\.keys) == [["targets"]])
        let swapped = two.replacing("a:1", with: "x").replacing("b:1", with: "a:1").replacing("x", with: "b:1")
        #expect(try difference(two, swapped).changed.map(\.keys) == [["targets"]])
        // What only moves up because something else has gone keeps its place among the others.
        let second = two.replacing("      - {backend: ollama_http, servers: [http://a:1]}\n", with: "")
        #expect(try difference(two, second).changed.map(\.keys) == [["servers"]])
    }

    @Test("a local target that is new has no worker to restart")
    func newLocal() throws {
        let remote = Self.twin.replacing("fallback: gguf_native", with: "fallback: none")
        #expect(
            try difference(remote, Self.twin).changed == [
                ChangedModel(model: try #require(ModelName("m")), keys: ["backend"], restartsWorker: false)
            ])
    }

    @Test("models that come, go and change places")
    func models() throws {
        func models(_ names: String...) -> String {
            "models:\n" + names.map { "  \($0): {backend: gguf_native, gguf: /\($0).gguf}\n" }.joined()
        }
        let difference = try difference(models("a", "b", "c", "d"), models("e", "c", "b", "f"))
        #expect(difference.added.map(\.rawValue) == ["e", "f"])
        #expect(difference.removed.map(\.rawValue) == ["a", "d"])
        #expect(difference.changed.isEmpty && difference.isReordered && !difference.isEmpty)
        let order = try self.difference(models("a", "b"), models("b", "a"))
        #expect(order.isReordered && !order.isEmpty)
        #expect(order.added.isEmpty && order.removed.isEmpty && order.changed.isEmpty)
        #expect(try !self.difference(models("a", "b", "c"), models("a", "x", "c")).isReordered)
    }

    @Test("settings by their keys, and those that need a restart")
    func settings() throws {
        let old = localModel + "timeouts: {connect: 2s}\n"
        let new =
            localModel
                + """
                memory: {max_ram_gb: 3, on_full: queue}
                server: {listen: "127.0.0.1:1", max_queue: 3, allowed_hosts: [x]}
                timeouts: {stall: 5s}
                failover: {self_probe: never, retry_share: 0.5}
                engine: {llama_server: /x}
                log: {format: json}

                """
        let difference = try difference(old, new)
        #expect(
            difference.settings == [
                "memory.max_ram_gb", "memory.on_full", "server.listen", "server.max_queue", "server.allowed_hosts",
                "timeouts.connect", "timeouts.stall", "failover.self_probe", "failover.retry_share",
                "engine.llama_server", "log.format",
            ])
        #expect(
            difference.needsRestart == [
                "server.listen", "server.allowed_hosts", "timeouts.connect", "engine.llama_server", "log.format",
            ])
        #expect(difference.changed.isEmpty && !difference.isEmpty)
    }

    @Test("the router, the search and pipelines are taken over without a restart")
    func pipelines() throws {
        func steps(_ prompt: String) -> String { "{steps: {name: answer, model: big, prompt: \(prompt)}}" }
        let old = threeModels + "pipelines: {same: \(steps("x")), other: \(steps("x")), gone: \(steps("x"))}\n"
        let new =
            threeModels + "pipelines: {voice: off, same: \(steps("x")), new: \(steps("x")), other: \(steps("y"))}\n"
            + "router: {head: trm, embedding: vectors}\nsearch: {url: http://h, results: 5}\n"
        let difference = try difference(old, new)
        #expect(
            difference.settings == [
                "router.head", "router.embedding", "search.url", "pipelines.new", "pipelines.other", "pipelines.voice",
                "pipelines.gone",
            ])
        #expect(difference.needsRestart.isEmpty && difference.changed.isEmpty && !difference.isEmpty)
        #expect(try self.difference(old, old).isEmpty)
    }

    @Test("every property outside of the models has a key that is compared")
    func completeness() throws {
        let configuration = try loader(localModel).load().configuration
        func properties(_ value: Any) -> Int { Mirror(reflecting: value).children.count }
        #expect(properties(configuration.memory) == ConfigurationSchema.memory.keys.count)
        let server = configuration.server
        let groups = properties(server.connections) + properties(server.requests)
        #expect(properties(server) - 2 + groups == ConfigurationSchema.server.keys.count)
        #expect(properties(configuration.timeouts) == ConfigurationSchema.timeouts.keys.count)
        #expect(properties(configuration.failover) == ConfigurationSchema.failover.keys.count)
        #expect(properties(configuration.engine) == ConfigurationSchema.engine.keys.count)
        #expect(properties(configuration.log) == ConfigurationSchema.log.keys.count)
        #expect(properties(configuration.router) == ConfigurationSchema.router.keys.count)
        #expect(properties(configuration.search) == ConfigurationSchema.search.keys.count)
        #expect(properties(configuration) == ConfigurationSchema.sections.count)
    }

    @Test("whoever adds a property to a model or a target meets this: it needs a row in ModelComparison")
    func propertiesOfModels() throws {
        let model = try #require(try loader(Self.twin).load().configuration.models.first)
        let names = { (value: Any) in Mirror(reflecting: value).children.compactMap(\.label).joined(separator: " ") }
        #expect(names(model) == "name role targets isResident isPinned isBestEffort onFull keepAlive isMatryoshka")
        let remote = try #require(model.remote.first)
        #expect(names(remote) == "id url model apiKey authorities capacity tier isSameModel")
        #expect(
            names(try #require(model.local))
                == "id model source contextLength minContextLength slots minSlots loadMode kvTypes microBatch threads "
                + "chatTemplate rpc isEmbedding isReranker tier isSameModel")
    }

    @Test("the JSON, and back")
    func json() throws {
        let new =
            Self.twin.replacing("slots: 2", with: "slots: 4") + "  n: {backend: gguf_native, gguf: /n.gguf}\n"
            + "server: {listen: localhost}\n"
        let difference = try difference(Self.twin, new, environment: ["KEY": "s3cret"])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(difference)
        #expect(
            String(decoding: data, as: UTF8.self)
                == #"{"added":["n"],"changed":[{"keys":["api_key","slots"],"model":"m","restarts_worker":true}],"#
                + #""needs_restart":["server.listen"],"removed":[],"reordered":false,"settings":["server.listen"]}"#)
        #expect(try JSONDecoder().decode(ConfigurationDifference.self, from: data) == difference)
    }
}
