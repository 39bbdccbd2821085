import Testing

@testable import SaraiServer

@Suite("Hosts that requests may name")
struct HostCheckTests {
    private let check = HostCheck(allowed: ["nas.lan", "Sarai.Example"])

    @Test(
        "this machine's names, and those that are allowed",
        arguments: [
            "localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:11435", "sarai.localhost",
            "nas.lan",
            "NAS.lan:11435", "sarai.example", "",
        ])
    func permitted(authority: String) {
        #expect(check.permits(authority, connectedTo: "10.0.0.7"))
    }

    @Test(
        "others' names, and names that only look like it",
        arguments: [
            "evil.example", "evil.example:11435", "127.0.0.1.evil.example", "localhost.evil.example", "xnas.lan",
            "0.0.0.0",
            "[::2]:80", "127.0.0.2", "nas.lan.", "localhost@evil.example", "10.0.0.8",
        ])
    func refused(authority: String) {
        #expect(!check.permits(authority, connectedTo: "10.0.0.7"))
    }

    @Test("the address that the client connected to")
    func address() {
        #expect(check.permits("10.0.0.7:11435", connectedTo: "10.0.0.7"))
        #expect(check.permits("[fd00::7]:11435", connectedTo: "fd00::7"))
        #expect(!check.permits("10.0.0.7", connectedTo: nil))
    }
}
