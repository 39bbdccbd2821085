import SaraiCore
import Testing

@testable import SaraiConfiguration

@Suite("Addresses, URLs and paths")
struct AddressTests {
    private func listen(_ text: String) throws -> ListenAddress {
        try loader(localModel, flags: ["server.listen": text]).load().configuration.server.listen
    }

    @Test(
        "addresses to listen on",
        arguments: [
            ("127.0.0.1:80", "127.0.0.1:80"), ("127.9.8.7:0", "127.9.8.7:0"), ("localhost", "localhost:11435"),
            ("[::1]:5", "[::1]:5"), ("0.0.0.0:1", "0.0.0.0:1"), ("[::]:1", "[::]:1"), ("nas.lan", "nas.lan:11435"),
            ("unix:/run/s.sock", "unix:/run/s.sock"), ("unix:s.sock", "unix:/here/s.sock"),
            ("unix:~/s.sock", "unix:/home/ana/s.sock"),
        ])
    func accepted(text: String, expected: String) throws {
        #expect(try listen(text).description == expected)
    }

    @Test(
        "addresses that are refused",
        arguments: [
            "11435", ":11435",
            "http://127.0.0.1:1", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:x", "unix:", "[::1", "::1", "",
            "localhost:1:2", "unix:/" + String(repeating: "a", count: 107),
        ])
    func refused(text: String) {
        #expect(throws: ConfigurationError.self) { try listen(text) }
    }

    @Test(
        "addresses that only this machine can reach",
        arguments: ["127.0.0.1:1", "127.255.0.9", "localhost", "LOCALHOST:1", "[::1]:1", "unix:/run/s.sock"])
    func loopback(text: String) throws {
        #expect(try listen(text).isLoopback)
    }

    @Test(
        "addresses that others may reach",
        arguments: [
            "0.0.0.0:1", "10.0.0.1:1", "[::]:1", "example.com:1", "127.0.0.1.evil.com:1", "127.0.0.256:1",
            "[::ffff:1.2.3.4]",
        ])
    func notLoopback(text: String) throws {
        #expect(try !listen(text).isLoopback)
    }

    @Test(
        "URLs of servers",
        arguments: [
            ("http://h", "http://h:80"), ("https://H:1/", "https://h:1"), ("HTTP://h:1//a//b/", "http://h:1/a/b"),
            ("http://[fe80::1]:1", "http://[fe80::1]:1"), ("http://h:1/v1", "http://h:1/v1"),
        ])
    func urls(text: String, expected: String) throws {
        #expect(try ServerURL(text, from: .default).text == expected)
    }

    @Test(
        "URLs that are refused",
        arguments: [
            "h:1", "ftp://h", "http://", "http://:1", "http://h:0", "http://h:99999", "http://h:", "http://u:p@h",
            "http://h?a",
            "http://h#a", "http://h/a b", "http://h h", "http://[::1", "http://[x]:1", "http:/h", "", "http://h/\"",
            "http://ä",
            "http://-h", "http://a..b",
        ])
    func badURLs(text: String) {
        #expect(throws: Complaint.self) { try ServerURL(text, from: .default) }
    }

    @Test("a password in a URL is not repeated")
    func password() {
        let found = problems(remoteModel.replacing("http://h:1", with: "http://ana:s3cret@h:1"))
        #expect(found.count == 1)
        #expect(found.first?.contains("api_key") == true)
        #expect(found.first?.contains("s3cret") == false)
        let bare = problems(remoteModel.replacing("http://h:1", with: "ana:s3cret@h:1"))
        #expect(bare.count == 1)
        #expect(bare.first?.contains("s3cret") == false)
    }

    @Test("one server twice is an error with the second one's place")
    func twice() {
        let yaml = remoteModel.replacing("http://h:1", with: "\n      - http://h:1\n      - http://H:1/")
        #expect(
            problems(yaml) == [
                "/etc/sarai/sarai.yaml:6:9: models.m.servers[1]: h:1 is in the list twice. Remove one of the two."
            ])
    }

    @Test("a relative file lies beside the configuration if it is there, else in the data folder")
    func relativeFiles() throws {
        let yaml = localModel.replacing("/m.gguf", with: "./models/m.gguf")
        let data = "/home/ana/.local/share/sarai/models/m.gguf"
        let beside = try loader(yaml, fileExists: { $0 == "/etc/sarai/models/m.gguf" }).load()
        #expect(beside.configuration.models.first?.local?.gguf == "/etc/sarai/models/m.gguf")
        #expect(beside.missingFiles.isEmpty)
        let downloaded = try loader(yaml, fileExists: { $0 == data }).load()
        #expect(downloaded.configuration.models.first?.local?.gguf == data)
        #expect(downloaded.missingFiles.isEmpty)
        let missing = try loader(yaml, fileExists: { _ in false }).load()
        let origin = Origin.file(SourceLocation(file: "/etc/sarai/sarai.yaml", line: 4, column: 11))
        #expect(missing.missingFiles == [MissingFile(keyPath: "models.m.gguf", path: data, origin: origin)])
    }

    @Test("a relative file of the environment lies in the current folder")
    func currentFolder() throws {
        let loaded = try loader(localModel, environment: ["SARAI_LLAMA_SERVER": "bin/llama-server"]).load()
        #expect(loaded.configuration.engine.llamaServer == "/here/bin/llama-server")
    }
}

@Suite("Folders on a user's machine")
struct PathsTests {
    private func paths(_ environment: [String: String]) -> SaraiPaths {
        SaraiPaths(environment: environment, home: "/home/ana", currentFolder: "/here", userID: 7)
    }

    @Test("the XDG defaults")
    func defaults() {
        let paths = paths([:])
        #expect(paths.configurationFiles == ["/home/ana/.config/sarai/sarai.yaml"])
        #expect(paths.data == "/home/ana/.local/share/sarai")
        #expect(paths.engine == "/home/ana/.local/share/sarai/engine")
        #expect(paths.models == "/home/ana/.local/share/sarai/models")
        #expect(paths.state == "/home/ana/.local/state/sarai")
        #expect(paths.runtime == "/home/ana/.local/state/sarai/run")
    }

    @Test("the XDG variables; relative ones are ignored")
    func xdg() {
        let paths = paths([
            "HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d/", "XDG_STATE_HOME": "relative",
            "XDG_RUNTIME_DIR": "/run/user/7", "SARAI_HOME": "",
        ])
        #expect(paths.home == "/h")
        #expect(paths.configurationFiles == ["/c/sarai/sarai.yaml"])
        #expect(paths.data == "/d/sarai")
        #expect(paths.state == "/h/.local/state/sarai")
        #expect(paths.runtime == "/run/user/7/sarai")
    }

    @Test("SARAI_HOME overrides all of them")
    func home() {
        let all = paths(["SARAI_HOME": "/s/", "XDG_RUNTIME_DIR": "/run/user/7", "XDG_DATA_HOME": "/d"])
        #expect(all.configurationFiles == ["/s/sarai.yaml", "/home/ana/.config/sarai/sarai.yaml"])
        #expect([all.data, all.state, all.runtime] == ["/s", "/s/state", "/s/run"])
        #expect(paths(["SARAI_HOME": "s"]).data == "/here/s")
        #expect(paths(["SARAI_HOME": "~/s"]).data == "/home/ana/s")
    }

    @Test("sockets move to /tmp when their paths would become too long")
    func longSockets() {
        let longest = "/" + String(repeating: "a", count: 54)
        #expect(paths(["SARAI_HOME": longest]).runtime == longest + "/run")
        #expect(paths(["SARAI_HOME": longest + "a"]).runtime == "/tmp/sarai-7")
        #expect(paths(["SARAI_HOME": longest + "a"]).data == longest + "a")
    }

    @Test("the configuration file: flag, SARAI_CONFIG, then the first that exists")
    func search() throws {
        let paths = paths(["SARAI_HOME": "/s"])
        func find(_ named: String? = nil, _ variable: String? = nil, existing: String...) throws -> String {
            try paths.configurationFile(
                named: named, environment: variable.map { ["SARAI_CONFIG": $0] } ?? [:], fileExists: existing.contains)
        }
        #expect(try find("x.yaml", "y.yaml", existing: "/s/sarai.yaml") == "x.yaml")
        #expect(try find(nil, "~/y.yaml", existing: "/s/sarai.yaml") == "/home/ana/y.yaml")
        #expect(try find(existing: "/s/sarai.yaml", "/home/ana/.config/sarai/sarai.yaml") == "/s/sarai.yaml")
        #expect(try find(existing: "/home/ana/.config/sarai/sarai.yaml") == "/home/ana/.config/sarai/sarai.yaml")
        let error = #expect(throws: ConfigurationError.self) { try find() }
        #expect(error?.problems.first?.code == .fileMissing)
        #expect(error?.description.contains("--config FILE") == true)
    }
}
