import Foundation
import SaraiCore
import Testing

@testable import SaraiHub

@Suite("What a hub lists")
struct HubEntryTests {
    private func file(_ path: String, size: String = "10", lfs: String? = nil, type: String = "file") throws -> HubFile?
    {
        let more = lfs.map { ", \"lfs\": \($0)" } ?? ""
        let json = "{\"type\": \"\(type)\", \"path\": \"\(path)\", \"oid\": \"x\", \"size\": \(size)\(more)}"
        return try JSONDecoder().decode(HubEntry.self, from: Data(json.utf8)).file
    }

    @Test func theRealFileBehindAPointerCounts() throws {
        let oid = String(repeating: "ab", count: 32)
        let file = try file("q/m.gguf", size: "134", lfs: "{\"oid\": \"\(oid)\", \"size\": 5000, \"pointerSize\": 134}")
        #expect(file == HubFile(path: "q/m.gguf", size: 5000, digest: FileDigest(oid)))
        #expect(file?.name == "m.gguf")
    }

    @Test(
        "a hub that lies about names gets nothing written",
        arguments: [
            "../m.gguf", "/etc/m.gguf", "a/../../m.gguf", "a//m.gguf", ".ssh/m.gguf", "m.gguf/..", "a\\\\..\\\\m.gguf",
            "m\\u0000.gguf", "-rf.gguf", "~/m.gguf", "README.md", "m.gguf.exe", "a/b/c/d/e/m.gguf",
        ])
    func names(path: String) throws {
        #expect(try file(path) == nil)
    }

    @Test func sizesAreThoseOfFiles() throws {
        #expect(try file("m.gguf")?.size == 10)
        #expect(try file("m.gguf", size: "0") == nil)
        #expect(try file("m.gguf", size: "-1") == nil)
        #expect(try file("m.gguf", size: "\(1 << 51)") == nil)
        #expect(try file("m.gguf", type: "directory") == nil)
        #expect(try file("m.gguf", lfs: "{\"oid\": \"short\", \"size\": 7}")?.digest == nil)
    }
}
