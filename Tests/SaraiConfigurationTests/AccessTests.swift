import SaraiCore
import Testing

@testable import SaraiConfiguration

@Suite("Keys, certificates and limits")
struct AccessTests {
    private func server(_ yaml: String, environment: [String: String] = [:]) throws -> ServerConfiguration {
        try loader(localModel + "server: {\(yaml)}\n", environment: environment).load().configuration.server
    }

    @Test("keys come from the variable, with commas between them, and show nowhere")
    func apiKeys() throws {
        let keys = ["first-key-of-the-environment", "second-key-of-the-environment"]
        let loaded = try loader(localModel, environment: ["SARAI_API_KEYS": keys.joined(separator: ",")]).load()
        #expect(loaded.configuration.server.apiKeys == keys.map(Secret.init))
        #expect(loaded.origin(of: "server.api_keys") == "•••, ••• from environment SARAI_API_KEYS")
        #expect(!"\(loaded)".contains("first-key"))
        #expect(try server("api_keys: [\"${A}\"]", environment: ["A": keys[0]]).apiKeys == [Secret(keys[0])])
        #expect(try server("").apiKeys.isEmpty)
    }

    @Test("a key that can be guessed is refused, and not repeated")
    func weakKeys() {
        let found = problems(localModel, environment: ["SARAI_API_KEYS": "a-good-key-of-some-length,hunter2"])
        #expect(found.count == 1)
        #expect(found.first?.contains("server.api_keys: a key has fewer than 22 characters") == true)
        #expect(found.first?.contains("hunter2") == false)
    }

    @Test("a key in the file itself is worth a warning")
    func keyInFile() throws {
        let loaded = try loader(localModel + "server: {api_keys: a-good-key-of-some-length}\n").load()
        #expect(loaded.warnings.map(\.code) == [.secretInFile])
    }

    @Test("the file of keys need not be there; it lies beside the configuration")
    func keysFile() throws {
        let yaml = localModel + "server: {keys_file: k.json}\n"
        let loaded = try loader(yaml, fileExists: { $0 == "/m.gguf" }).load()
        #expect(loaded.configuration.server.keysFile == "/etc/sarai/k.json")
        #expect(loaded.missingFiles.isEmpty)
        #expect(try server("keys_file: ~/k.json").keysFile == "/home/ana/k.json")
    }

    @Test("where keys lie by themselves")
    func paths() {
        func paths(_ environment: [String: String]) -> SaraiPaths {
            SaraiPaths(environment: environment, home: "/home/ana", currentFolder: "/here", userID: 7)
        }
        #expect(paths([:]).keys == "/home/ana/.config/sarai/keys.json")
        #expect(paths(["XDG_CONFIG_HOME": "/c"]).clientKey == "/c/sarai/client.key")
        #expect(paths(["SARAI_HOME": "/s"]).keys == "/s/keys.json")
    }

    @Test("a certificate has a key, and both are files")
    func tls() throws {
        let files = try server("tls: {certificate: a.crt, key: /b.key}").tls
        #expect(files == TLSFiles(certificate: "/etc/sarai/a.crt", key: "/b.key"))
        #expect(try server("").tls == nil)
        #expect(codes(localModel + "server: {tls: a.crt}\n") == ["wrong_type"])
        #expect(codes(localModel + "server: {tls: {certificate: a.crt}}\n") == ["missing_key"])
        #expect(codes(localModel + "server: {tls: {certificate: a, kee: b, key: c}}\n") == ["unknown_key"])
        let missing = problems(
            loader(localModel + "server: {tls: {certificate: /a, key: /b}}\n", fileExists: { $0 != "/b" }))
        #expect(missing.count == 1 && missing.first?.contains("server.tls.key: there is no file /b") == true)
    }

    @Test(
        "origins are written as browsers write them",
        arguments: [
            ("https://Chat.Example", "https://chat.example"), ("https://c:443", "https://c"),
            ("http://c:80/", "http://c"),
            ("http://c:443", "http://c:443"), ("https://c:8443", "https://c:8443"),
        ])
    func origins(text: String, expected: String) throws {
        #expect(try server("allowed_origins: \"\(text)\"").allowedOrigins == [expected])
    }

    @Test("what is no origin is refused", arguments: ["'*'", "chat.example", "https://c/path", "'null'"])
    func noOrigins(text: String) {
        #expect(codes(localModel + "server: {allowed_origins: \(text)}\n") == ["invalid_value"])
    }

    @Test("limits")
    func limits() throws {
        let standard = try server("")
        #expect(standard.connections == ConnectionLimits() && standard.requests == RequestLimits())
        #expect(standard.connections.maxHeader == MemorySize(bytes: 16 << 10))
        let server = try server(
            "max_header: 8KiB, header_timeout: 2s, max_client_connections: 5, max_output_tokens: 99, max_messages: 7")
        #expect(server.connections.maxHeader == MemorySize(bytes: 8 << 10))
        #expect(server.connections.headerTimeout == .seconds(2))
        #expect(server.connections.maxClientConnections == 5)
        #expect((server.requests.maxOutputTokens, server.requests.maxMessages) == (99, 7))
        #expect(codes(localModel + "server: {max_header: 2MiB}\n") == ["out_of_range"])
    }

    @Test("a server's key may be in a file, and its certificate vouched for by one")
    func remoteFiles() throws {
        let yaml = """
            models:
              m:
                backend: openai_http
                servers: ["https://a", {url: "https://b", api_key_file: b.key, ca_file: /b.pem}]
                api_key_file: /a.key
                ca_file: ca.pem

            """
        var loader = loader(yaml)
        loader.readText = { ["/a.key": "key-a \nmore", "/etc/sarai/b.key": "key-b"][$0] }
        let targets = try loader.load().configuration.models.flatMap(\.remote)
        #expect(targets.map(\.apiKey?.value) == ["key-a", "key-b"])
        #expect(targets.map(\.authorities) == ["/etc/sarai/ca.pem", "/b.pem"])
    }

    @Test("a file without a key is an error that does not show what is in it", arguments: ["", "\n", "two words"])
    func badKeyFiles(text: String) {
        var loader = loader(remoteModel + "    api_key_file: /a.key\n")
        loader.readText = { _ in text }
        let found = problems(loader)
        #expect(found.count == 1 && found.first?.contains("models.m.api_key_file: /a.key") == true)
        #expect(found.first?.contains("two words") == false)
    }
}
