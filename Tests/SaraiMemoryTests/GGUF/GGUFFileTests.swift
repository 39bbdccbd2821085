import Foundation
import Testing

@testable import SaraiMemory

@Suite("GGUF files")
struct GGUFFileTests {
    @Test("are read from disk, whatever the length of the header", arguments: [0, 200_000, 400_000])
    func reads(tokens: Int) throws {
        try withTemporaryFolder { folder in
            var builder = GGUFBuilder.small()
            builder.addTokens(tokens, key: "extra.tokens")
            try write(builder.file(), to: "\(folder)/m.gguf")
            let header = try GGUFHeader.read(file: "\(folder)/m.gguf")
            #expect(header.metadata["extra.tokens"]?.arrayValue?.count == tokens)
            #expect(header.tensors.count == 3)
        }
    }

    @Test("that end early are refused", arguments: [1, 300, 12_000])
    func truncated(missing: Int) throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/cut.gguf"
            try write(GGUFBuilder.small().file().dropLast(missing), to: path)
            let error = try #require(throws: GGUFError.self) { try GGUFHeader.read(file: path) }
            #expect(error.code == .truncated)
            #expect(error.message.hasPrefix("\(path): "))
            #expect(error.message.hasSuffix("(truncated? download it again)") || missing == 12_000, "\(error)")
        }
    }

    @Test("that are not there, or not files, are refused")
    func unreadable() throws {
        try withTemporaryFolder { folder in
            let missing = try #require(throws: GGUFError.self) { try GGUFHeader.read(file: "\(folder)/none.gguf") }
            #expect(missing.code == .unreadable)
            #expect(missing.message.contains("none.gguf: cannot be opened: No such file or directory"))
            let directory = try #require(throws: GGUFError.self) { try GGUFHeader.read(file: folder) }
            #expect(directory.code == .unreadable)
            #expect(directory.message == "\(folder): not a regular file")
        }
    }

    @Test("that are pipes hold nobody up")
    func pipe() throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/pipe.gguf"
            try #require(mkfifo(path, 0o600) == 0)
            let error = try #require(throws: GGUFError.self) { try GGUFHeader.read(file: path) }
            #expect(error.code == .unreadable)
        }
    }
}
