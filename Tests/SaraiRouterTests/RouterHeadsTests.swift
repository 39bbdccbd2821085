import Foundation
import Testing

@testable import SaraiRouter

@Suite("Heads of the program and of files")
struct RouterHeadsTests {
    @Test("come with the program, both for one embedding, and never ask it for more than it gives")
    func shipped() throws {
        let best = try RouterHeads.shipped.head(trm: false, file: nil)
        let recursive = try RouterHeads.shipped.head(trm: true, file: nil)
        #expect(best.embedding.name == recursive.embedding.name)
        #expect(best.embedding.dimensions == recursive.embedding.dimensions)
        let mini = try RouterHeads.shipped.mini.get()
        #expect(mini.scores("") == mini.scores("  \n"))
    }

    @Test("a file is used instead, and read once until it is to be forgotten")
    func file() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "sarai-\(UUID().uuidString).safetensors").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let heads = RouterHeads.shipped
        #expect(throws: RouterFileError.self) { try heads.head(trm: false, file: path) }
        var file = WeightsFile.head("logistic", inputs: 2, ["embedding": "mine"])
        file.add("weight", [3, 2], [1, 0, 0, 1, 1, 1])
        #expect(FileManager.default.createFile(atPath: path, contents: Data(try file.bytes())))
        let error = #expect(throws: RouterFileError.self) { try heads.head(trm: false, file: path) }
        #expect(error?.message.hasPrefix("\(path): tensor 'bias' is missing") == true)
        file.add("bias", [3], [0, 0, 0])
        #expect(FileManager.default.createFile(atPath: path, contents: Data(try file.bytes())))
        #expect(try heads.head(trm: true, file: path).embedding.name == "mine")
        try FileManager.default.removeItem(atPath: path)
        #expect(try heads.head(trm: false, file: path).embedding.name == "mine")
        heads.forgetFiles()
        #expect(throws: RouterFileError.self) { try heads.head(trm: false, file: path) }
    }

    @Test("what is no file is refused", arguments: ["/nowhere/at/all", "/", "/dev/zero"])
    func noFile(_ path: String) {
        let error = #expect(throws: RouterFileError.self) { try RouterHeads.shipped.head(trm: false, file: path) }
        #expect(error?.message.hasPrefix("\(path): there is no such file; set router.file to a file") == true)
    }
}
