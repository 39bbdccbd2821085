import Foundation
import SaraiConfiguration
import Synchronization
import Testing

@testable import SaraiAccess

@Suite("Who may ask")
struct AccessControlTests {
    private static let time = Date(timeIntervalSince1970: 1_800_000_000)
    static let loopback = ListenAddress.tcp(host: "127.0.0.1", port: 1)
    static let exposed = ListenAddress.tcp(host: "0.0.0.0", port: 1)

    private func add(_ name: String, to file: APIKeyFile) throws -> String {
        let key = APIKey()
        try file.update { (ring) throws(AccessError) in try ring.add(key, name: name, at: Self.time) }
        return key.text
    }

    @Test("without keys, every program of this machine")
    func open() throws {
        try withScratchFolder { folder in
            for listen in [Self.loopback, .unix(path: "/run/s.sock")] {
                let control = try AccessControl(file: APIKeyFile(path: "\(folder)/keys.json"), keys: [], listen: listen)
                #expect(control.judge([]) == .open)
                #expect(control.judge(["anything"]) == .open)
            }
        }
    }

    @Test("without keys, nobody where other machines can connect", arguments: ["0.0.0.0", "::", "10.0.0.7", "nas.lan"])
    func refused(host: String) throws {
        try withScratchFolder { folder in
            let error = #expect(throws: AccessError.self) {
                try AccessControl(
                    file: APIKeyFile(path: "\(folder)/keys.json"), keys: [], listen: .tcp(host: host, port: 11_435))
            }
            #expect(error?.code == .noKeys)
            #expect(error?.message.contains("sarai keys add") == true)
            #expect(error?.message.contains("SARAI_API_KEYS") == true)
        }
    }

    @Test("with keys, whoever has one, also on this machine", arguments: [loopback, exposed])
    func keys(listen: ListenAddress) throws {
        try withScratchFolder { folder in
            let file = APIKeyFile(path: "\(folder)/keys.json")
            let key = try add("laptop", to: file)
            let control = try AccessControl(file: file, keys: [], listen: listen)
            #expect(control.judge([]) == .missing)
            #expect(control.judge([key]) == .admitted("laptop"))
            #expect(control.judge(["unused", key]) == .admitted("laptop"))
            for wrong in [key + "x", String(key.dropLast()), key.uppercased(), "", "sarai-", "laptop"] {
                #expect(control.judge([wrong]) == .wrong, "\(wrong)")
            }
        }
    }

    @Test("keys of the environment")
    func environment() throws {
        try withScratchFolder { folder in
            let file = APIKeyFile(path: "\(folder)/keys.json")
            let secrets = ["first-key-of-the-environment", "second-key-of-the-environment"].map(Secret.init)
            let control = try AccessControl(file: file, keys: secrets, listen: Self.exposed)
            #expect(control.judge([secrets[1].value]) == .admitted("SARAI_API_KEYS[1]"))
            #expect(control.judge(["third-key-of-the-environment"]) == .wrong)
            let added = try add("laptop", to: file)
            #expect(control.judge([added]) == .admitted("laptop"))
            #expect(control.judge([secrets[0].value]) == .admitted("SARAI_API_KEYS[0]"))
        }
    }

    @Test("a key holds from the next request on, and so does its end")
    func changes() throws {
        try withScratchFolder { folder in
            let file = APIKeyFile(path: "\(folder)/keys.json")
            let control = try AccessControl(file: file, keys: [], listen: Self.loopback)
            #expect(control.judge([]) == .open)
            let laptop = try add("laptop", to: file)
            #expect(control.judge([]) == .missing)
            #expect(control.judge([laptop]) == .admitted("laptop"))
            let phone = try add("phone", to: file)
            #expect(control.judge([phone]) == .admitted("phone"))
            try file.update { (ring) throws(AccessError) in _ = try ring.revoke("laptop") }
            #expect(control.judge([laptop]) == .wrong)
            #expect(control.judge([phone]) == .admitted("phone"))
        }
    }

    @Test("whoever removes the last key does not open the door")
    func latch() throws {
        try withScratchFolder { folder in
            let file = APIKeyFile(path: "\(folder)/keys.json")
            let key = try add("laptop", to: file)
            let control = try AccessControl(file: file, keys: [], listen: Self.loopback)
            try file.update { (ring) throws(AccessError) in _ = try ring.revoke("laptop") }
            #expect(control.judge([key]) == .wrong)
            try FileManager.default.removeItem(atPath: file.path)
            #expect(control.judge([]) == .missing)
        }
    }

    @Test("a damaged file lets nobody in, and says so once")
    func damaged() throws {
        try withScratchFolder { folder in
            let file = APIKeyFile(path: "\(folder)/keys.json")
            let key = try add("laptop", to: file)
            let secret = Secret("a-key-of-the-environment")
            let troubles = Mutex<[AccessError]>([])
            let control = try AccessControl(file: file, keys: [secret], listen: Self.loopback) { error in
                troubles.withLock { $0.append(error) }
            }
            try Data("{".utf8).write(to: URL(filePath: file.path))
            #expect(control.judge([key]) == .undecidable)
            #expect(control.judge([]) == .undecidable)
            #expect(control.judge([secret.value]) == .admitted("SARAI_API_KEYS[0]"))
            #expect(troubles.withLock { $0.map(\.code) } == [.unreadable])
            #expect(throws: AccessError.self) { try AccessControl(file: file, keys: [], listen: Self.loopback) }
        }
    }
}
