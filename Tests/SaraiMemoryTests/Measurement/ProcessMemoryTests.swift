import Foundation
import SaraiCore
import SystemPackage
import Testing

@testable import SaraiMemory

@Suite("Process memory")
struct ProcessMemoryTests {
    @Test("of this process is plausible, and the same by both ways")
    func own() throws {
        let memory = try ProcessMemory.own()
        #expect(memory.hard > .mebibytes(1) && memory.hard < .gibibytes(8))
        #expect(memory.mapped > .mebibytes(1))
        let file = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
        let text = String(decoding: try #require(try file.readToEnd()), as: UTF8.self)
        let detailed = try #require(Smaps.mappings(text)).measured
        #expect(detailed.hard.bytes > memory.hard.bytes / 2 && detailed.hard.bytes < memory.hard.bytes * 2)
        #expect(try ProcessMemory.read(pid: ProcessInfo.processInfo.processIdentifier).resident > .mebibytes(1))
    }

    @Test("of a process that has ended is an error that says so")
    func gone() throws {
        let error = try #require(throws: MeasurementError.self) { try ProcessMemory.read(pid: 2_000_000_000) }
        #expect(error.code == .processGone)
        #expect(error.message == "there is no process 2000000000")
    }

    @Test("falls back to the list of mappings where there is no rollup")
    func fallback() throws {
        try withTemporaryFolder { root in
            let smaps = "1-2 rw-p 0 00:00 0 [heap]\nPss: 12 kB\n"
            try write(smaps.utf8, to: "\(root)/proc/7/smaps")
            #expect(try ProcessMemory.read(pid: 7, root: root).hard.bytes == 12 * 1024)
            // A rollup of an old kernel does not tell the kinds apart.
            try write("Rss: 99 kB\nPss: 99 kB\n".utf8, to: "\(root)/proc/7/smaps_rollup")
            #expect(try ProcessMemory.read(pid: 7, root: root).hard.bytes == 12 * 1024)
            // A process that waits for its parent has no mappings.
            try write("".utf8, to: "\(root)/proc/8/smaps")
            let error = try #require(throws: MeasurementError.self) { try ProcessMemory.read(pid: 8, root: root) }
            #expect(error.code == .processGone)
        }
    }

    @Test("tells a model's pages from the rest, also through a link")
    func kinds() throws {
        try withTemporaryFolder { root in
            let file = try ScratchFile(in: root, megabytes: 8)
            try FileManager.default.createSymbolicLink(atPath: "\(root)/link", withDestinationPath: file.path.string)
            let pid = ProcessInfo.processInfo.processIdentifier
            let before = try ProcessMemory.kinds(pid: pid, modelFiles: ["\(root)/link"])
            #expect(before.modelFiles == .zero)
            #expect(before.anonymous > .mebibytes(1) && before.program > .mebibytes(1))
            try file.whileMapped {
                let kinds = try ProcessMemory.kinds(pid: pid, modelFiles: ["\(root)/link"])
                #expect(kinds.modelFiles == .mebibytes(8))
                #expect(try ProcessMemory.kinds(pid: pid, modelFiles: []).modelFiles == .zero)
            }
        }
    }

    @Test("has a peak that nothing later lowers")
    func peak() throws {
        let pid = ProcessInfo.processInfo.processIdentifier
        let before = try ProcessMemory.peak(pid: pid)
        // Written to, so that it is really there for a moment, and larger than all that was before.
        let size = before.bytes + (32 << 20)
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
        memset(block, 1, size)
        block.deallocate()
        #expect(try ProcessMemory.peak(pid: pid).bytes >= size)
        #expect(try ProcessMemory.own().hard.bytes < size)
        try withTemporaryFolder { root in
            // What is left of a process that waits for its parent.
            try write("Name: a\nState: Z (zombie)\n".utf8, to: "\(root)/proc/8/status")
            let error = try #require(throws: MeasurementError.self) { try ProcessMemory.peak(pid: 8, root: root) }
            #expect(error.code == .processGone)
        }
    }
}
