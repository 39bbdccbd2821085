import Foundation
import SaraiCore
import SystemPackage
import Testing

@testable import SaraiMemory

@Suite("Page cache")
struct PageCacheTests {
    @Test("of a file is counted, and given back")
    func releasing() throws {
        try withTemporaryFolder { folder in
            let file = try ScratchFile(in: folder, megabytes: 4)
            try file.readThrough()
            #expect(try PageCache.cached(file.path) == .mebibytes(4))
            #expect(try PageCache.release(file.path) == .zero)
            #expect(try PageCache.cached(file.path) == .zero)
        }
    }

    @Test("keeps what somebody has mapped")
    func mapped() throws {
        try withTemporaryFolder { folder in
            let file = try ScratchFile(in: folder, megabytes: 4)
            try file.whileMapped {
                let left = try PageCache.release(file.path)
                #expect(left == .mebibytes(4))
            }
            #expect(try PageCache.release(file.path) == .zero)
        }
    }

    @Test("is counted the same by the older way")
    func mincore() throws {
        try withTemporaryFolder { folder in
            let file = try ScratchFile(in: folder, megabytes: 2)
            func counted() throws -> MemorySize {
                let descriptor = try FileDescriptor.open(file.path, .readOnly, options: .closeOnExec)
                return try descriptor.closeAfter { try PageCache.mapped(descriptor) }
            }
            try file.readThrough()
            #expect(try counted() == .mebibytes(2))
            try PageCache.release(file.path)
            #expect(try counted() == .zero)
            try Data().write(to: URL(filePath: file.path.string))
            #expect(try counted() == .zero)
        }
    }

    @Test("of a file that is not there is an error")
    func missing() throws {
        let error = try #require(throws: MeasurementError.self) { try PageCache.release("/nowhere/at/all.gguf") }
        #expect(error.code == .unavailable)
        #expect(error.message.contains("/nowhere/at/all.gguf"))
    }
}
