import SaraiCore
import Testing

@testable import SaraiConfiguration

@Suite("Where models come from")
struct HubSectionTests {
    private func hub(_ section: String, environment: [String: String] = [:]) throws -> HubConfiguration {
        try loader(localModel + section, environment: environment).load().configuration.hub
    }

    @Test func withoutASectionItIsThePublicHubWithoutAToken() throws {
        #expect(try hub("") == HubConfiguration())
    }

    @Test func itHasItsOwnVariables() throws {
        let section = "hub: {endpoint: 'https://mirror.lan/hf/', token: '${KEY:-}', connections: 8, allow_pull: no}\n"
        var wanted = HubConfiguration()
        (wanted.endpoint, wanted.connections, wanted.allowsPull) = ("https://mirror.lan/hf", 8, false)
        wanted.token = Secret("")
        #expect(try hub(section) == wanted)
        let environment = ["HF_ENDPOINT": "http://127.0.0.1:8080", "HF_TOKEN": "hf_abc"]
        wanted.endpoint = "http://127.0.0.1:8080"
        wanted.token = Secret("hf_abc")
        #expect(try hub(section, environment: environment) == wanted)
    }

    @Test(
        "what comes from it is run, so it comes encrypted or from this machine",
        arguments: [
            ("https://hub.lan", true), ("https://hub.lan:8443/x", true), ("http://localhost:1", true),
            ("http://[::1]:1", true),
            ("http://hub.lan", false), ("http://127.0.0.1.evil.com", false), ("http://localhost.evil.com:80", false),
            ("ftp://hub.lan", false), ("hub.lan", false), ("https://me:hunter2@hub.lan", false),
        ])
    func endpoints(url: String, isAllowed: Bool) {
        let found = problems(localModel + "hub: {endpoint: '\(url)'}\n")
        #expect(found.isEmpty == isAllowed, "\(found)")
        #expect(!found.joined().contains("hunter2"))
    }

    @Test func aMachineWithoutAConfigurationHasVariables() throws {
        let paths = SaraiPaths(environment: [:], home: "/home/ana", currentFolder: "/", userID: 1)
        #expect(try ConfigurationLoader.hubWithoutFile(environment: [:], paths: paths) == HubConfiguration())
        let mirror = try ConfigurationLoader.hubWithoutFile(
            environment: ["HF_ENDPOINT": "https://m.lan", "HF_TOKEN": "t"], paths: paths)
        #expect(mirror.endpoint == "https://m.lan" && mirror.token?.value == "t")
        #expect(throws: ConfigurationError.self) {
            try ConfigurationLoader.hubWithoutFile(environment: ["HF_ENDPOINT": "http://m.lan"], paths: paths)
        }
    }

    @Test func aModelSaysWhereItsFileComesFrom() throws {
        let yaml = localModel + "    source: hf.co/o/r:Q4_K_M\n"
        let loaded = try loader(yaml, fileExists: { _ in false }).load()
        #expect(loaded.configuration.models[0].localTarget?.source == (try ModelSource(parsing: "hf.co/o/r:Q4_K_M")))
        #expect(loaded.configuration.remedy(forMissing: "/m.gguf") == "'sarai pull m' fetches it")
        #expect(loaded.origin(of: "models.m.source") == "hf.co/o/r:Q4_K_M from sarai.yaml:5")
        let silent = try loader(localModel).load().configuration
        #expect(silent.remedy(forMissing: "/m.gguf") == "put it there or correct the path")
        let wrong = problems(localModel + "    source: hf.co/../r\n")
        #expect(wrong.count == 1)
        #expect(wrong[0].hasPrefix("/etc/sarai/sarai.yaml:5:13: models.m.source: expected hf.co/ORG/REPO"))
        let idle = try loader(remoteModel + "    source: hf.co/o/r\n").load().warnings.map(\.description)
        #expect(idle.contains { $0.contains("models.m.source: has no effect") })
    }
}
