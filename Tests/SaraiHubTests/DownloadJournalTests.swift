import Foundation
import Testing

@testable import SaraiHub

@Suite("What survives a download's end")
struct DownloadJournalTests {
    private func pieces(_ done: [Int] = [100, 50, 0]) throws -> PieceLedger {
        try #require(PieceLedger(size: 1000, pieceSize: 400, done: done))
    }

    @Test func itComesBackAsItWas() async throws {
        try await withFolder { folder in
            let partial = folder + "/m.gguf.partial"
            let file = try remoteFile(digest: try digest(1))
            let journal = DownloadJournal(file, try pieces())
            try journal.write(of: partial)
            let read = DownloadJournal.read(of: partial)
            #expect(read == journal)
            #expect(read?.completed == 150)
            #expect(read?.pieces(of: file)?.done == [100, 50, 0])
            DownloadJournal.remove(of: partial)
            #expect(DownloadJournal.read(of: partial) == nil)
        }
    }

    @Test func onlyTheVerySameFileGoesOn() throws {
        let known = DownloadJournal(try remoteFile(), try pieces())
        #expect(known.pieces(of: try remoteFile()) != nil)
        #expect(known.pieces(of: try remoteFile(size: 1001)) == nil, "another size")
        #expect(known.pieces(of: try remoteFile(validator: "\"2\"")) == nil, "another tag")
        #expect(known.pieces(of: try remoteFile(validator: nil)) == nil, "nothing tells")
        #expect(known.pieces(of: try remoteFile(url: "https://other/m.gguf")) == nil, "another server's tag")
        #expect(known.pieces(of: try remoteFile(sendsParts: false)) == nil, "from the start only")
        let unknown = DownloadJournal(try remoteFile(validator: nil), try pieces())
        #expect(unknown.pieces(of: try remoteFile(validator: nil)) == nil)
    }

    @Test func theDigestTellsMoreThanATag() throws {
        let one = try digest(1), two = try digest(2)
        let known = DownloadJournal(try remoteFile(digest: one), try pieces())
        #expect(known.pieces(of: try remoteFile(digest: one, validator: "\"2\"", url: "https://mirror/m.gguf")) != nil)
        #expect(known.pieces(of: try remoteFile(digest: two)) == nil)
    }

    @Test(
        "a damaged journal is none",
        arguments: [
            "", "{", "[]", "{\"version\":1}",
            "{\"done\":[9999,0,0],\"pieceSize\":400,\"size\":1000,\"source\":\"s\",\"version\":1}",
            "{\"done\":[],\"pieceSize\":400,\"size\":1000,\"source\":\"s\",\"version\":1}",
            "{\"done\":[0,0,0],\"pieceSize\":400,\"size\":1000,\"source\":\"s\",\"version\":2}",
            "{\"done\":[0],\"pieceSize\":0,\"size\":1000,\"source\":\"s\",\"version\":1}",
        ])
    func damaged(text: String) async throws {
        try await withFolder { folder in
            let partial = folder + "/m.gguf.partial"
            try Data(text.utf8).write(to: URL(filePath: partial + ".json"))
            #expect(DownloadJournal.read(of: partial) == nil)
        }
    }
}
