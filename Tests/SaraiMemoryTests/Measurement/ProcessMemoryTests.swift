import Foundation
import SaraiCore
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
        let detailed = try #require(Smaps.mappings(text))
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
}
