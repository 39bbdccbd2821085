import NIOCore
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
        #expect(check.permits(authority, connectedTo: [10, 0, 0, 7]))
    }

    @Test(
        "others' names, and names that only look like it",
        arguments: [
            "evil.example", "evil.example:11435", "127.0.0.1.evil.example", "localhost.evil.example", "xnas.lan",
            "0.0.0.0",
            "[::2]:80", "127.0.0.2", "nas.lan.", "localhost@evil.example", "10.0.0.8",
        ])
    func refused(authority: String) {
        #expect(!check.permits(authority, connectedTo: [10, 0, 0, 7]))
    }

    @Test("the address that the client connected to")
    func address() throws {
        #expect(check.permits("10.0.0.7:11435", connectedTo: [10, 0, 0, 7]))
        #expect(check.permits("[fd00::7]:11435", connectedTo: try SocketAddress(ipAddress: "fd00::7", port: 1).ipBytes))
        #expect(!check.permits("10.0.0.7", connectedTo: nil))
    }

    @Test(
        "an address however it is spelt, and in the form that a socket for both kinds has",
        arguments: [
            ("192.168.0.10:11435", "::ffff:192.168.0.10"), ("[::ffff:192.168.0.10]:11435", "192.168.0.10"),
            ("[::ffff:c0a8:a]", "192.168.0.10"), ("[FD00:0:0::7]:11435", "fd00::7"), ("[0:0:0:0:0:0:0:1]", "fd00::7"),
        ])
    func spellings(authority: String, connectedTo address: String) throws {
        #expect(check.permits(authority, connectedTo: try SocketAddress(ipAddress: address, port: 1).ipBytes))
    }

    @Test("of IPv6, an address that only ends like the one of IPv4")
    func notMapped() throws {
        #expect(
            !check.permits("[::1:c0a8:a]", connectedTo: try SocketAddress(ipAddress: "192.168.0.10", port: 1).ipBytes))
    }
}
