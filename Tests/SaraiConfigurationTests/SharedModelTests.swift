import Testing

@testable import SaraiConfiguration

@Suite("Models shared with other machines")
struct SharedModelTests {
    @Test("nobody shares a model unless asked to")
    func off() throws {
        let loaded = try loader(localModel).load()
        #expect(loaded.configuration.models.first?.local?.rpc == [])
        #expect(loaded.warnings.isEmpty)
    }

    @Test("whoever shares one is warned")
    func warned() throws {
        let loaded = try loader(localModel + "    rpc: [127.0.0.1:50052, Big.LAN:50053]\n").load()
        #expect(loaded.configuration.models.first?.local?.rpc == ["127.0.0.1:50052", "big.lan:50053"])
        #expect(loaded.warnings.map(\.code) == [.unprotected])
        #expect(loaded.warnings.first?.keyPath == "models.m.rpc")
        #expect(loaded.warnings.first?.description.contains("neither encrypted nor authenticated") == true)
    }

    @Test("an address needs a host and a port", arguments: ["10.0.0.7", "10.0.0.7:0", "[::1]:1", "http://a:1", "a:b"])
    func malformed(_ address: String) {
        let found = problems(localModel + "    rpc: ['\(address)']\n")
        #expect(found.count == 1 && found[0].contains("10.0.0.7:50052"), "\(found)")
    }

    @Test("without a file there is nothing to share")
    func idle() throws {
        let loaded = try loader(remoteModel + "    rpc: [a:1]\n").load()
        #expect(loaded.warnings.map(\.code) == [.noEffect])
    }

    @Test("another list of machines is another worker")
    func reloaded() throws {
        let old = try loader(localModel).load().configuration
        let new = try loader(localModel + "    rpc: [a:1]\n").load().configuration
        let changed = ConfigurationDifference(from: old, to: new).changed
        #expect(changed.map(\.keys) == [["rpc"]] && changed.map(\.restartsWorker) == [true])
    }
}
