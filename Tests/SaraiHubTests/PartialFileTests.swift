import Foundation
import Testing

@testable import SaraiHub

@Suite("A file that is being written")
struct PartialFileTests {
    private func write(_ text: String, to file: PartialFile, at offset: Int) throws {
        try Array(text.utf8).withUnsafeBytes { try file.write($0, at: offset) }
    }

    @Test func itGetsItsNameWhenItIsComplete() async throws {
        try await withFolder { folder in
            let (partial, final) = (folder + "/m.gguf.partial", folder + "/m.gguf")
            try await PartialFile.with(partial) { file in
                try file.setSize(6)
                try write("def", to: file, at: 3)
                try write("abc", to: file, at: 0)
                #expect(try file.read(6, at: 0) == Array("abcdef".utf8))
                #expect(try file.read(6, at: 4) == Array("ef".utf8))
                try await file.synchronize()
                try file.rename(to: final)
            }
            #expect(FileManager.default.contents(atPath: final) == Data("abcdef".utf8))
            #expect(!FileManager.default.fileExists(atPath: partial))
        }
    }

    @Test func oneAtATimeWrites() async throws {
        try await withFolder { folder in
            let partial = folder + "/m.gguf.partial"
            try await PartialFile.with(partial) { _ in
                _ = await #expect(throws: HubError.self) { try await PartialFile.with(partial) { _ in } }
            }
            try await PartialFile.with(partial) { _ in }
        }
    }

    @Test func aLinkIsNotFollowed() async throws {
        try await withFolder { folder in
            let partial = folder + "/m.gguf.partial", victim = folder + "/victim"
            try Data("precious".utf8).write(to: URL(filePath: victim))
            try FileManager.default.createSymbolicLink(atPath: partial, withDestinationPath: victim)
            await #expect(throws: HubError.self) { try await PartialFile.with(partial) { try $0.setSize(0) } }
            #expect(FileManager.default.contents(atPath: victim) == Data("precious".utf8))
        }
    }
}
