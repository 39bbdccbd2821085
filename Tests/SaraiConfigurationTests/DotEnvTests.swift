import Testing

@testable import SaraiConfiguration

@Suite(".env files")
struct DotEnvTests {
    private func read(_ text: String) -> DotEnv {
        DotEnv(SourceFile(path: ".env", text: text))
    }

    @Test(
        "assignments",
        arguments: [
            ("A=b", "b"), ("export A=b", "b"), ("  A=b  ", "b"), ("export\tA=b", "b"), ("A=", ""), ("A=b c", "b c"),
            ("A=b # no", "b"), ("A=b#c", "b#c"), ("A=#", ""), ("A='b # c' # d", "b # c"), ("A=\"b # c\"", "b # c"),
            (#"A="x\n\"\\\$y""#, "x\n\"\\$y"), (#"A='x\n'"#, #"x\n"#), (#"A="\q""#, #"\q"#), ("A=''", ""),
            ("A=b=c", "b=c"),
            ("A=${B}", "${B}"), ("A=b\r", "b"), ("A=1\nA=2", "2"), ("\n# c\n   \nA=b", "b"), ("A= b", "b"),
            ("A=it's", "it's"),
        ])
    func assignments(text: String, value: String) {
        #expect(read(text).problems.isEmpty)
        #expect(read(text).variables["A"]?.value == value)
    }

    @Test(
        "malformed lines",
        arguments: [
            ("A", "expected NAME=value, found no '='."),
            ("A = b", "expected a name without spaces around '=', found 'A '."),
            ("1A=b", "expected a name of letters, digits and '_', found '1A'."),
            ("Ä=b", "expected a name of letters, digits and '_', found 'Ä'."),
            ("=b", "expected a name of letters, digits and '_', found ''."),
            ("A='b", "the quote ' is not closed on this line."),
            (#"A="b\""#, "the quote \" is not closed on this line."),
            ("A='b' c", "expected nothing behind the closing quote but a comment."),
        ])
    func malformed(line: String, message: String) {
        #expect(read("X=1\n\(line)\nY=2").problems.map(\.description) == [".env:2: \(message)"])
        #expect(read("X=1\n\(line)\nY=2").variables["Y"]?.location.line == 3)
    }

    @Test("a malformed line fails the load")
    func failure() {
        #expect(problems(localModel, dotEnv: "oops") == ["/etc/sarai/.env:1: expected NAME=value, found no '='."])
    }
}

@Suite("Variables in values")
struct VariableTests {
    private let scope = VariableScope(environment: ["A": "x", "EMPTY": "", "Y": "a: [b"], dotEnv: [])

    @Test(
        "expansion",
        arguments: [
            ("${A}", "x"), ("<${A}${A}>", "<xx>"), ("$${A}", "${A}"), ("$$", "$"), ("$A", "$A"), ("$", "$"),
            ("a$", "a$"),
            ("${NO:-d}", "d"), ("${NO:-}", ""), ("${EMPTY:-d}", "d"), ("${A:-d}", "x"),
            ("${NO:-http://h:1}", "http://h:1"),
            ("$$$${A}$$", "$${A}$"), ("no", "no"), ("", ""), ("${Y}", "a: [b"),
        ])
    func expansion(text: String, expected: String) throws {
        #expect(try scope.expand(text).text == expected)
    }

    @Test(
        "malformed references",
        arguments: ["${", "${A", "${}", "${A:d}", "${A:}", "${a b}", "${1}", "${A-b}", "${:-d}"])
    func malformed(text: String) {
        #expect(throws: Complaint.self) { try scope.expand(text) }
    }

    @Test("a variable that is not set has its place, its key and what to do; an empty one counts as not set")
    func unset() {
        let expected = [
            "/etc/sarai/sarai.yaml:6:15: models.solar.servers[0]: the variable OLLAMA_BASE_URL is not set. Set it in the "
                + "environment, or write OLLAMA_BASE_URL=… in a file '.env' beside the configuration, or give a default "
                + "here: ${OLLAMA_BASE_URL:-…}."
        ]
        #expect(problems(fullYAML) == expected)
        #expect(problems(fullYAML, environment: ["OLLAMA_BASE_URL": ""]) == expected)
    }

    @Test("variables serve numbers, paths and choices too, and cannot change the structure")
    func everywhere() throws {
        let yaml =
            "models:\n  m:\n    backend: ${B}\n    gguf: ${G}\n    context_length: ${C}\n    resident: ${R:-true}\n"
        let environment = ["B": "gguf_native", "G": "/x]\n, y: {", "C": "512"]
        #expect(codes(yaml, environment: environment) == ["invalid_value"])
        let loaded = try loader(yaml, environment: environment.merging(["G": "/a: {b"]) { $1 }).load()
        #expect(loaded.configuration.models.first?.local?.gguf == "/a: {b")
        #expect(loaded.configuration.models.first?.local?.contextLength == 512)
        #expect(loaded.configuration.models.first?.isResident == true)
        #expect(loaded.origin(of: "models.m.resident") == "true from sarai.yaml:6")
    }

    @Test("a value from the environment is taken as it is")
    func environmentIsLiteral() {
        #expect(problems(localModel, environment: ["MAX_RAM_GB": "${A}", "A": "1"]).count == 1)
    }
}
