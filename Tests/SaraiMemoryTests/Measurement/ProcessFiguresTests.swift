import Foundation
import Testing

@testable import SaraiMemory

@Suite("What the operating system counts of this process")
struct ProcessFiguresTests {
    @Test("a line of stat, whatever the program's name is")
    func stat() throws {
        let line =
            "7 (sarai) 8) S 1 2 3 0 -1 4194560 100 0 0 0 250 150 0 0 20 0 9 0 5000 123456789 321 18446744073709551615 1"
        let figures = try #require(
            ProcessFigures(stat: line, bootTime: 1_000_000, ticksPerSecond: 100, pageSize: 4096))
        #expect(figures.cpuSeconds == 4)
        #expect(figures.startTime == 1_000_050)
        #expect(figures.virtualBytes == 123_456_789)
        #expect(figures.residentBytes == 321 * 4096)
    }

    @Test("what is no such line", arguments: ["", "7 (sarai", "7 (sarai) S 1 2 3"])
    func noStat(line: String) {
        #expect(ProcessFigures(stat: line, bootTime: 1, ticksPerSecond: 100, pageSize: 4096) == nil)
    }

    @Test("the limit on open files")
    func limits() {
        let head = "Limit                     Soft Limit           Hard Limit           Units     \n"
        #expect(ProcessFigures.maxFiles(in: head + "Max open files            1024         4096     files \n") == 1024)
        #expect(ProcessFigures.maxFiles(in: head + "Max open files            unlimited    unlimited files\n") == nil)
        #expect(ProcessFigures.maxFiles(in: head) == nil)
    }

    #if os(Linux)
        @Test("this process")
        func own() throws {
            let figures = try #require(ProcessFigures.own())
            #expect(figures.residentBytes > 1 << 20)
            #expect(figures.virtualBytes > figures.residentBytes)
            #expect(figures.cpuSeconds > 0)
            #expect((1...100_000).contains(Date().timeIntervalSince1970 - figures.startTime + 2))
            #expect(figures.openFiles >= 3)
        }
    #endif

    @Test("a machine without such a folder")
    func none() {
        #expect(ProcessFigures.own(root: "/nonexistent") == nil)
    }
}
