import NIOCore
import Testing

@testable import SaraiChaos

@Suite("Bytes that are changed on their way")
struct AlterationTests {
    private func differences(_ changed: [UInt8], _ answer: WireAnswer) -> [Int] {
        zip(changed, answer.bytes).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
    }

    @Test(arguments: WireAnswer.all)
    func exactlyOneByteOfPayloadIsFlipped(answer: WireAnswer) throws {
        for size in [1, 5, .max] {
            for (count, offset) in [(0, 0), (10, 0), (10, 4), (10, 25)] {
                let fault = Fault(.flip(offset: offset), at: .afterBytes(count))
                let client = SessionHarness.ask([fault], answer, size: size)
                let place = answer.prefix(payload: count + offset + 1).count - 1
                #expect(client.bytes.count == answer.bytes.count)
                #expect(differences(client.bytes, answer) == [place])
                #expect(client.bytes[place] == ~answer.bytes[place])
            }
        }
    }

    @Test func beforeTheHeadTheHeadIsFlipped() {
        let answer = WireAnswer.ndjson(.lineChunks)
        let client = SessionHarness.ask([Fault(.flip(offset: 5))], answer)
        #expect(differences(client.bytes, answer) == [5])
    }

    @Test(arguments: WireAnswer.all)
    func garbageKeepsTheFramingAndTheLines(answer: WireAnswer) throws {
        let client = SessionHarness.ask([Fault(.garbage, at: .afterContent(1, plusBytes: 3))], answer)
        let intact = answer.prefix(payload: answer.payload(throughContent: 1) + 3)
        #expect(client.bytes.count == answer.bytes.count)
        #expect(Array(client.bytes.prefix(intact.count)) == intact)
        var framer = HTTPFramer(.responses)
        framer.append(ByteBuffer(bytes: client.bytes))
        var payload: [UInt8] = []
        while let slice = framer.next(), slice != .end {
            if case .payload(let bytes, _) = slice {
                payload += bytes.readableBytesView
            }
        }
        #expect(payload.count == answer.payload.count)
        let lineEnds = answer.payload.indices.filter { answer.payload[$0] == UInt8(ascii: "\n") }
        #expect(payload.indices.filter { payload[$0] == UInt8(ascii: "\n") } == lineEnds)
        let from = answer.payload(throughContent: 1) + 3
        let kept = (from..<payload.count).count { payload[$0] == answer.payload[$0] }
        #expect(kept < (payload.count - from) / 4, "little more than the line ends")
        #expect(SessionHarness.ask([Fault(.garbage, at: .afterContent(1, plusBytes: 3))], answer).bytes == client.bytes)
    }

    @Test func garbageBeforeTheHeadIsNotHTTP() {
        let client = SessionHarness.ask([Fault(.garbage)], .ndjson(.lineChunks))
        #expect(client.bytes.count == WireAnswer.ndjson(.lineChunks).bytes.count)
        #expect(!client.bytes.starts(with: "HTTP".utf8) && !client.bytes.contains(UInt8(ascii: "\n")))
    }

    @Test func faultsTakeEffectInTheirOrder() throws {
        let answer = WireAnswer.ndjson(.lineChunks)
        let faults = try ["flip,after_bytes=3", "close,after_bytes=9", "reset,after_bytes=5"].map(Fault.init(text:))
        let client = SessionHarness.ask(faults, answer)
        #expect(client.cut == .reset, "its trigger is reached first")
        #expect(client.bytes.count == answer.prefix(payload: 5).count)
        #expect(differences(client.bytes, answer) == [answer.prefix(payload: 4).count - 1])
        #expect(client.session.counts.faults == 2)
    }
}
