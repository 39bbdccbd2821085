import NIOCore
import Testing

@testable import SaraiChaos

@Suite("When bytes are due")
struct PacingQueueTests {
    /// A queue and a clock that goes only where it is told.
    private struct Timeline {
        var queue = PacingQueue(seed: 3)
        var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
        private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

        mutating func append(_ text: String) {
            queue.append(.slice(.payload(ByteBuffer(string: text), remaining: nil)), now: now)
        }

        mutating func adopt(_ text: String) throws {
            queue.append(.pace(try Fault(text: text).effect), now: now)
        }

        /// Lets time pass until nothing waits.
        ///
        /// - Returns: each write, and milliseconds since the start.
        mutating func run() -> [String] {
            var log: [String] = []
            while true {
                let time = (now - start).nanoseconds / 1_000_000
                switch queue.next(now: now) {
                case .write(let bytes): log.append("\(time) \(String(buffer: bytes))")
                case .wait(let deadline): now = deadline
                case .cut(let cut): log.append("\(time) \(cut)")
                case .idle: return log
                }
            }
        }
    }

    @Test func withoutAFaultEverythingIsDueAtOnce() {
        var line = Timeline()
        line.append("ab")
        line.append("c")
        #expect(line.queue.count == 3)
        #expect(line.run() == ["0 ab", "0 c"])
        #expect(line.queue.count == 0)
    }

    @Test func latencyDelaysAllByTheSame() throws {
        var line = Timeline()
        line.append("a")
        try line.adopt("latency,ms=200")
        line.append("b")
        line.now = line.now + .milliseconds(50)
        line.append("c")
        #expect(line.run() == ["50 a", "200 b", "250 c"])
    }

    @Test func jitterKeepsTheOrder() throws {
        var line = Timeline()
        try line.adopt("latency,ms=100,jitter=100")
        for index in 10..<60 {
            line.append("\(index)")
        }
        let log = line.run().map { $0.split(separator: " ").compactMap { Int($0) } }
        #expect(log.map { $0[1] } == Array(10..<60))
        #expect(log.allSatisfy { (0...200).contains($0[0]) } && Set(log.map { $0[0] }).count > 3)
    }

    @Test func bandwidthIsKept() throws {
        var line = Timeline()
        try line.adopt("bandwidth,bytes_per_second=200")
        line.append("abcd")
        line.append("e")
        #expect(line.run() == ["0 ab", "10 cd", "20 e"])
    }

    @Test func splitAndSlowLorisWriteSingleBytes() throws {
        var line = Timeline()
        try line.adopt("split")
        line.append("ab")
        #expect(line.run() == ["0 a", "0 b"])
        try line.adopt("slow_loris,ms=30")
        line.append("cde")
        #expect(line.run() == ["0 c", "30 d", "60 e"])
    }

    @Test func coalescedBytesAreOneWrite() throws {
        var line = Timeline()
        try line.adopt("coalesce,ms=100")
        line.append("a")
        line.now = line.now + .milliseconds(60)
        line.append("b")
        line.now = line.now + .milliseconds(39)
        line.append("c")
        line.queue.append(.cut(.reset), now: line.now)
        #expect(line.run() == ["100 abc", "100 reset"])
        line.append("d")
        #expect(line.run() == ["200 d"], "the next bytes are collected anew")
    }

    @Test func aCutWaitsForWhatIsBeforeIt() throws {
        var line = Timeline()
        try line.adopt("slow_loris,ms=10")
        line.append("ab")
        line.queue.append(.cut(.close), now: line.now)
        #expect(line.run() == ["0 a", "10 b", "20 close"])
    }

    @Test func theEndOfAResponseEndsItsPace() throws {
        var line = Timeline()
        try line.adopt("latency,ms=100")
        line.append("a")
        line.queue.append(.slice(.end), now: line.now)
        #expect(line.run() == ["100 a"])
        line.append("b")
        #expect(line.run() == ["100 b"])
    }
}
