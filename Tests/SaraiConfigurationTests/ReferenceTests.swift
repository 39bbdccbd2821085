import Foundation
import SaraiCore
import Testing

@testable import SaraiConfiguration

@Suite("The schema and the reference page")
struct ReferenceTests {
    @Test("docs/configuration.md is fresh; SARAI_UPDATE_DOCS=1 writes it")
    func page() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = root.appending(path: "docs/configuration.md")
        if ProcessInfo.processInfo.environment["SARAI_UPDATE_DOCS"] == "1" {
            try Data(ConfigurationReference.markdown.utf8).write(to: page)
        }
        let committed = try String(contentsOf: page, encoding: .utf8)
        #expect(
            committed == ConfigurationReference.markdown,
            "Refresh it with 'sarai config schema --markdown > docs/configuration.md'.")
    }

    @Test("the page's example loads")
    func example() throws {
        let environment = ["OLLAMA_BASE_URL": "http://h:1"]
        let loaded = try loader(ConfigurationReference.example, environment: environment).load()
        #expect(loaded.warnings.isEmpty)
    }

    @Test("the example with several targets loads, and is what the page says of it")
    func targetsExample() throws {
        let loaded = try loader(ConfigurationReference.targetsExample).load()
        #expect(loaded.warnings.isEmpty)
        let targets = loaded.configuration.models.flatMap(\.targets)
        #expect(targets.map(\.tier) == [0, 0, 1, 2])
        #expect(targets.map(\.isSameModel) == [true, true, false, true])
        #expect(targets.compactMap(\.remote).map(\.capacity) == [2, 8, 16])
        #expect(ConfigurationReference.markdown.contains(ConfigurationReference.targetsExample))
    }

    @Test("the schema describes targets and servers, and wants one of the two forms")
    func targetsSchema() {
        let definitions = ConfigurationReference.jsonSchema["$defs"]
        for key in ConfigurationSchema.targetEntry.keys {
            #expect(definitions?["target"]?["properties"]?[key.name]?["description"] != nil, "\(key.name)")
        }
        #expect(definitions?["target"]?["required"] == .array([.string("backend")]))
        #expect(definitions?["server"]?["required"] == .array([.string("url")]))
        let forms = ["backend", "targets"].map { JSONValue.object(["required": .array([.string($0)])]) }
        #expect(definitions?["model"]?["oneOf"] == .array(forms))
        let reference = JSONValue.object(["$ref": .string("#/$defs/target")])
        #expect(
            definitions?["model"]?["properties"]?["targets"]?["anyOf"]
                == .array([reference, .object(["type": .string("array"), "items": reference])]))
    }

    @Test("the example of a pipeline loads beside the first one, and is on the page")
    func pipelineExample() throws {
        let yaml = ConfigurationReference.example + "  lfm2: {role: small, backend: gguf_native, gguf: /s.gguf}\n"
        let models = yaml.replacing("memory:\n  max_ram_gb: 12\n", with: "")
        let loaded = try loader(
            models + ConfigurationReference.pipelineExample, environment: ["OLLAMA_BASE_URL": "http://h:1"]
        ).load()
        #expect(loaded.warnings.isEmpty)
        #expect(loaded.configuration.pipelines.map(\.name) == ["see", "tone", "search", "translate"])
        #expect(ConfigurationReference.markdown.contains(ConfigurationReference.pipelineExample))
    }

    @Test("the page names the pipelines that come with Sarai")
    func shippedPipelines() throws {
        for pipeline in try loader(localModel).load().configuration.pipelines {
            #expect(ConfigurationReference.markdown.contains("`\(PipelineConfiguration.prefix)\(pipeline.name)`"))
        }
    }

    @Test("the schema describes pipelines, steps and texts per language")
    func pipelinesSchema() {
        let schema = ConfigurationReference.jsonSchema, definitions = schema["$defs"]
        for key in ConfigurationSchema.pipelines.keys {
            #expect(definitions?["pipeline"]?["properties"]?[key.name]?["description"] != nil, "\(key.name)")
        }
        for key in ConfigurationSchema.stepEntry.keys {
            #expect(definitions?["step"]?["properties"]?[key.name]?["description"] != nil, "\(key.name)")
        }
        #expect(definitions?["step"]?["required"] == .array([.string("name")]))
        #expect(definitions?["text"]?["required"] == .array([.string("en"), .string("es")]))
        #expect(
            schema["properties"]?["pipelines"]?["additionalProperties"]?["anyOf"]
                == .array([
                    .object(["$ref": .string("#/$defs/pipeline")]),
                    .object(["enum": .array([.bool(false), .string("off")])]),
                ]))
    }

    @Test("the page marks the keys that need a restart")
    func restarts() {
        let marked = ConfigurationSchema.sections.flatMap { section in
            section.keys.filter { $0.effect == .onRestart }.map { "\(section.name).\($0.name)" }
        }
        #expect(
            marked == [
                "server.listen", "server.max_body", "server.max_media_body", "server.max_body_total",
                "server.allowed_hosts", "server.allowed_origins", "server.keys_file", "server.api_keys", "server.tls",
                "server.max_header",
                "server.header_timeout", "server.body_timeout", "server.idle_timeout", "server.max_connections",
                "server.max_client_connections", "timeouts.connect", "timeouts.drain", "engine.llama_server",
                "engine.whisper_python", "engine.worker_network", "log.format", "log.level",
            ])
        let rows = ConfigurationReference.markdown.split(separator: "\n").filter { $0.hasSuffix(" *restart* |") }
        #expect(rows.count == marked.count)
    }

    @Test("the schema names every key, with its default")
    func schema() throws {
        let text = try ConfigurationReference.jsonSchemaText()
        let schema = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        #expect(schema == ConfigurationReference.jsonSchema)
        let model = schema["$defs"]?["model"]?["properties"]
        for key in ConfigurationSchema.models.keys {
            #expect(model?[key.name]?["description"] != nil, "\(key.name)")
        }
        #expect(model?["capacity"]?["default"] == .integer(4))
        #expect(model?["prefer_http"]?["default"] == .bool(true))
        #expect(model?["slots"]?["default"] == nil)
        for section in ConfigurationSchema.settings {
            let properties = schema["properties"]?[section.name]?["properties"]
            for key in section.keys {
                #expect(properties?[key.name]?["description"] != nil, "\(section.name).\(key.name)")
            }
        }
        #expect(schema["properties"]?["timeouts"]?["properties"]?["load"]?["default"] == .string("5m"))
        #expect(schema["properties"]?["memory"]?["properties"]?["max_ram_gb"]?["default"] == nil)
    }

    @Test("names are unique, and every sentence is one")
    func table() {
        for section in ConfigurationSchema.sections {
            #expect(Set(section.keys.map(\.name)).count == section.keys.count)
            #expect(section.keys.allSatisfy { $0.summary.hasSuffix(".") })
        }
        #expect(Set(ConfigurationSchema.sections.map(\.name)).count == ConfigurationSchema.sections.count)
    }

    @Test("every default, written as the page writes it, is a valid value")
    func defaultsParse() throws {
        var yaml = localModel
        for section in ConfigurationSchema.settings {
            let lines = section.keys.filter { $0.defaultValue != nil }.map { "  \($0.name): \($0.defaultText ?? "")\n" }
            yaml += lines.isEmpty ? "" : "\(section.name):\n" + lines.joined()
        }
        #expect(try loader(yaml).load().configuration == loader(localModel).load().configuration)
    }
}

@Suite("Units")
struct UnitTests {
    @Test(
        "sizes",
        arguments: [
            ("12", 12 << 30), ("1.5", 3 << 29), ("12GB", 12_000_000_000), ("12 GiB", 12 << 30), ("12g", 12 << 30),
            ("700MiB", 700 << 20), ("700 mb", 700_000_000), ("16", 16 << 30),
        ])
    func sizes(text: String, bytes: Int) throws {
        let loaded = try loader(localModel, environment: ["MAX_RAM_GB": text]).load()
        #expect(loaded.configuration.memory.budget.bytes == bytes)
    }

    @Test(
        "sizes are shown so that reading them gives the same size",
        arguments: [1 << 30, 12_000_000_000, 700 << 20, 3 << 10])
    func roundTrip(bytes: Int) {
        let text = ValueType<MemorySize>.render(MemorySize(bytes: bytes))
        #expect(MemorySize(parsing: text)?.bytes == bytes)
    }

    @Test(
        "truth values",
        arguments: [("true", true), ("Yes", true), ("ON", true), ("'no'", false), ("off", false), ("0", false)])
    func booleans(text: String, value: Bool) throws {
        #expect(
            try loader(localModel + "    resident: \(text)\n").load().configuration.models.first?.isResident == value)
    }
}
