import SaraiCore
import Testing

@testable import SaraiConfiguration

@Suite("YAML and its errors")
struct YAMLTests {
    @Test("a key that is there twice has both lines")
    func duplicateKeys() {
        let yaml = "models:\n  a:\n    backend: x\n    gguf: /b.gguf\n\n    # again\n    backend: y\n  b: {}\n"
        #expect(
            problems(yaml) == [
                "/etc/sarai/sarai.yaml:7:5: the key 'backend' is here twice; first in line 3. Remove one of the two."
            ])
        #expect(
            problems("models:\n  a: {}\n  'a': {}\n") == [
                "/etc/sarai/sarai.yaml:3:3: the key 'a' is here twice; first in line 2. Remove one of the two."
            ])
        #expect(
            problems("models: {a: 1, a: 2}\n") == [
                "/etc/sarai/sarai.yaml:1:10: the key 'a' is here twice. Remove one of the two."
            ])
    }

    @Test("a tab for indentation has its line and advice")
    func tab() {
        let found = problems("models:\n\ta:\n")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("/etc/sarai/sarai.yaml:2:1: this is not valid YAML: ") == true)
        #expect(found.first?.hasSuffix("Indent with spaces; YAML forbids tabs there.") == true)
    }

    @Test(
        "broken YAML is a problem with line and column",
        arguments: [
            ("models: [\n", 2), ("models:\n  a: {\n", 3), ("models: \"open\n", 2), ("a: b: c\n", 1),
            ("models: *none\n", 1),
            ("a: 1\n---\nb: 2\n", 2), ("a: 1\n b: 2\n", 2), ("a: \u{1}\n", 1), ("x\ny: \u{7}\n", 2),
            ("%YAML 9.9\n---\na\n", 1),
            ("a: !<\n", 1), ("&a &b c\n", 1),
        ])
    func syntax(yaml: String, line: Int) throws {
        let error = #expect(throws: ConfigurationError.self) { try loader(yaml).load() }
        let problem = try #require(error?.problems.first)
        #expect(error?.problems.count == 1)
        #expect(problem.code == .yamlSyntax)
        #expect(problem.origin.location?.line == line)
        #expect(problem.origin.location?.column != nil)
    }

    @Test("text that nests deeply or multiplies itself is refused, not followed")
    func bombs() {
        let deep = "models: " + String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        #expect(codes(deep) == ["yaml_syntax"])
        #expect(codes("models: " + String(repeating: "{a: ", count: 5000)) == ["yaml_syntax"])
        var laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            laughs += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(codes(laughs) == ["yaml_syntax"])
    }

    @Test("keys that YAML would read as truth values are names")
    func truthfulNames() throws {
        let yaml = "models:\n  on: {backend: gguf_native, gguf: /m.gguf}\n  1: {backend: gguf_native, gguf: /n.gguf}\n"
        #expect(try loader(yaml).load().configuration.models.map(\.name.rawValue) == ["on", "1"])
    }

    @Test("carriage returns, a byte order mark and a document marker do no harm")
    func harmless() throws {
        let file = try SourceFile(path: "/c.yaml", bytes: Array("\u{FEFF}---\r\n\(localModel)".utf8))
        var loader = loader(localModel)
        loader.file = SourceFile(path: file.path, text: file.text.replacing("\n", with: "\r\n"))
        #expect(try loader.load().configuration.models.count == 1)
    }

    @Test("a file that is too large or not UTF-8 is refused with its place")
    func bytes() {
        #expect(
            throws: ConfigurationError(
                .fileTooLarge, file: "x", "the file has 1048577 bytes; a configuration has at most 1 MiB.")
        ) {
            try SourceFile(path: "x", bytes: Array(repeating: 32, count: SourceFile.maximumSize + 1))
        }
        let error = #expect(throws: ConfigurationError.self) {
            try SourceFile(path: "x", bytes: Array("a\nb\n".utf8) + [0xFF, 0xFE])
        }
        #expect(error?.description == "x:3: the line is not UTF-8 text. Save the file as UTF-8.")
    }

    @Test("no single-character change of a valid file crashes or goes unplaced")
    func mutations() {
        let insertions: [Character] = [":", "\t", "\"", "{", "]", "$", "&", "*", "-", "\n", "#", "é", "\u{0}", "%"]
        let environment = ["OLLAMA_BASE_URL": "http://h:1"]
        let list = "  t: {targets: [{backend: ollama_http, servers: [{url: http://h:1, capacity: 2}]}]}\n"
        let models = fullYAML.replacing("models:\n", with: "models:\n" + list)
        let characters = Array(models + "timeouts: {connect: 1s}\nserver:\n  listen: '[::1]:1'\n")
        for index in characters.indices {
            var deleted = characters
            deleted.remove(at: index)
            var changed = [deleted]
            var inserted = characters
            inserted.insert(insertions[index % insertions.count], at: index)
            var replaced = characters
            replaced[index] = insertions[(index * 5 + 3) % insertions.count]
            changed += [inserted, replaced]
            for text in changed.map({ String($0) }) {
                do throws(ConfigurationError) {
                    _ = try loader(text, environment: environment).load()
                } catch {
                    #expect(!error.problems.isEmpty)
                    #expect(error.problems.allSatisfy { !$0.message.isEmpty && $0.origin.location?.file != nil })
                }
            }
        }
    }
}
