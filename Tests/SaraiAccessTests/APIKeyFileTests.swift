import Foundation
import Testing

@testable import SaraiAccess

@Suite("The file of keys")
struct APIKeyFileTests {
    private static let time = Date(timeIntervalSince1970: 1_800_000_000)

    @Test("holds digests, for its owner alone, and nothing of a key but its end")
    func content() throws {
        try withScratchFolder { folder in
            let file = APIKeyFile(path: "\(folder)/new/keys.json")
            #expect(try file.read().entries.isEmpty)
            let key = APIKey()
            try file.update { (ring) throws(AccessError) in try ring.add(key, name: "laptop", at: Self.time) }
            #expect(try mode(of: file.path) == 0o600)
            #expect(try mode(of: "\(folder)/new") == 0o700)
            let text = try String(contentsOfFile: file.path, encoding: .utf8)
            #expect(!text.contains(key.text) && !text.contains(key.text.dropFirst(6)))
            #expect(text.contains(key.ending) && text.contains("2027-01-15T08:00:00Z"))
            let ring = try file.read()
            #expect(ring.entries.map(\.name) == ["laptop"])
            #expect(ring.entries.map(\.created) == [Self.time])
            #expect(ring.owner(of: APIKeyDigest(of: key.text)) == "laptop")
        }
    }

    @Test("a change that fails changes nothing")
    func failure() throws {
        try withScratchFolder { folder in
            let file = APIKeyFile(path: "\(folder)/keys.json")
            try file.update { (ring) throws(AccessError) in try ring.add(APIKey(), name: "a", at: Self.time) }
            let before = try Data(contentsOf: URL(filePath: file.path))
            #expect(throws: AccessError.self) {
                try file.update { (ring) throws(AccessError) in
                    try ring.revoke("a")
                    try ring.revoke("b")
                }
            }
            #expect(try Data(contentsOf: URL(filePath: file.path)) == before)
        }
    }

    @Test("changes at the same time all count")
    func concurrency() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sarai-\(UUID().uuidString.prefix(8))").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = APIKeyFile(path: "\(folder)/keys.json")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<16 {
                group.addTask {
                    try file.update { (ring) throws(AccessError) in
                        try ring.add(APIKey(), name: "k\(number)", at: Self.time)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try Set(file.read().entries.map(\.name)) == Set((0..<16).map { "k\($0)" }))
    }

    @Test("a file that others may change is refused, with what to do", arguments: [0o620, 0o602, 0o666])
    func permissions(bits: Int) throws {
        try withScratchFolder { folder in
            let file = APIKeyFile(path: "\(folder)/keys.json")
            try file.update { (ring) throws(AccessError) in try ring.add(APIKey(), name: "a", at: Self.time) }
            try FileManager.default.setAttributes([.posixPermissions: bits], ofItemAtPath: file.path)
            let error = #expect(throws: AccessError.self) { try file.read() }
            #expect(error?.code == .permissions)
            #expect(error?.message.contains("chmod 600 \(file.path)") == true)
        }
    }

    @Test(
        "what is no file of keys is refused",
        arguments: [
            "", "{}", "[]", "{\"version\": 2, \"keys\": []}",
            "{\"version\": 1, \"keys\": [{\"name\": \"a\", \"created\": \"2027-01-15T08:00:00Z\", \"ending\": \"x\", \"sha256\": \"00\"}]}",
        ])
    func damaged(text: String) throws {
        try withScratchFolder { folder in
            let path = "\(folder)/keys.json"
            #expect(
                FileManager.default.createFile(
                    atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]))
            let error = #expect(throws: AccessError.self) { try APIKeyFile(path: path).read() }
            #expect(error?.code == .unreadable)
        }
    }

    @Test("the command line's own key is for its user alone")
    func clientKey() throws {
        try withScratchFolder { folder in
            let file = ClientKeyFile(path: "\(folder)/client.key")
            #expect(try file.read() == nil)
            let key = APIKey()
            try file.write(key)
            #expect(try mode(of: file.path) == 0o600)
            #expect(try file.read() == key.text)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file.path)
            let error = #expect(throws: AccessError.self) { try file.read() }
            #expect(error?.code == .permissions)
        }
    }
}
