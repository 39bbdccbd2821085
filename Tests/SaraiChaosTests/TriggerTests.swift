import Testing

@testable import SaraiChaos

@Suite("Cuts are exact to the byte, however the bytes arrive")
struct TriggerTests {
    /// Expects that a reset at `trigger` lets through exactly `expected`.
    private func expect(
        _ trigger: Fault.Trigger, in answer: WireAnswer, letsThrough expected: [UInt8],
        sizes: [Int] = [1, 2, 3, 7, 64, .max], _ location: SourceLocation = #_sourceLocation
    ) {
        for size in sizes {
            let client = SessionHarness.ask([Fault(.reset, at: trigger)], answer, size: size)
            #expect(client.cut == .reset, "pieces of \(size)", sourceLocation: location)
            #expect(client.bytes == expected, "pieces of \(size)", sourceLocation: location)
            #expect(client.session.counts == .init(requests: 1, faults: 1), sourceLocation: location)
        }
    }

    @Test(arguments: WireAnswer.all)
    func aroundTheHead(answer: WireAnswer) {
        expect(.beforeHeaders, in: answer, letsThrough: [])
        expect(.afterHeaders, in: answer, letsThrough: answer.head)
        expect(.afterBytes(0), in: answer, letsThrough: answer.head)
        expect(.afterLines(0), in: answer, letsThrough: answer.head)
        expect(.afterContent(0, plusBytes: 0), in: answer, letsThrough: answer.head)
    }

    @Test(arguments: WireAnswer.all)
    func afterEachByteOfPayload(answer: WireAnswer) {
        for count in 1...answer.payload.count {
            // Byte by byte takes long; what it could find wrong does not depend on each count.
            let sizes = count.isMultiple(of: 29) ? [1, 13, .max] : [.max]
            expect(.afterBytes(count), in: answer, letsThrough: answer.prefix(payload: count), sizes: sizes)
        }
    }

    @Test(arguments: WireAnswer.all)
    func afterEachLine(answer: WireAnswer) {
        for count in 1...5 {
            let end = answer.payload(throughLine: count)
            expect(.afterLines(count), in: answer, letsThrough: answer.prefix(payload: end))
        }
    }

    @Test(arguments: WireAnswer.all)
    func afterEachPieceOfContentAndInTheNext(answer: WireAnswer) {
        for count in 0...3 {
            let end = answer.payload(throughContent: count)
            for plus in [0, 1, 5, 9] where end + plus > 0 {
                expect(
                    .afterContent(count, plusBytes: plus), in: answer, letsThrough: answer.prefix(payload: end + plus))
            }
        }
    }

    @Test(arguments: WireAnswer.all)
    func beforeTheLastLine(answer: WireAnswer) {
        let expected = answer.prefix(
            payload: answer.payloadBeforeLastLine, opensNextChunk: answer.framing == .lineChunks)
        expect(.beforeLastLine, in: answer, letsThrough: expected)
    }

    @Test(arguments: WireAnswer.all)
    func atTheEnd(answer: WireAnswer) {
        // With a length there is no end to hold back, only the last byte.
        let expected = answer.framing == .contentLength ? answer.bytes.dropLast() : answer.withoutEnd
        expect(.atEnd, in: answer, letsThrough: expected)
    }

    @Test(arguments: WireAnswer.all)
    func aTriggerThatIsNotReachedChangesNothing(answer: WireAnswer) {
        for trigger in [
            Fault.Trigger.afterBytes(answer.payload.count + 1), .afterLines(99), .afterContent(4, plusBytes: 0),
            .afterContent(3, plusBytes: 999),
        ] {
            let client = SessionHarness.ask([Fault(.reset, at: trigger)], answer)
            #expect(client.bytes == answer.bytes)
            #expect(client.cut == (answer.framing == .untilClose ? .close : nil))
            #expect(client.session.counts.faults == 0)
        }
    }
}
