import Testing

@testable import SaraiChaos

@Suite("The mock's answer, and what follows a beginning of it")
struct MockTextTests {
    private let text = MockText(count: 12)
    private let whole = "w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 "

    @Test func everyCutIsContinuedToTheSameWhole() {
        for count in 0...whole.utf8.count {
            let beginning = String(whole.prefix(count))
            for before in ["", "Tell me. ", "w0 w1 and ", "w0 w0 "] where count >= 3 || before.isEmpty {
                let part = text.part(from: text.position(in: before + beginning))
                #expect(beginning + part.pieces.joined() == whole, "'\(before)' \(count)")
                #expect(!part.isCutByLimit && !part.pieces.contains(""))
            }
        }
    }

    @Test func whatIsNoBeginningIsNotContinued() {
        for other in ["no", "w1 w2 ", "w0 w2 ", "w0 w1 x", whole + "w0"] {
            #expect(text.position(in: other) == 0, "\(other)")
        }
    }

    @Test func limitsCountPiecesOfThisRequest() {
        #expect(text.part(from: 0, limit: 2) == .init(pieces: ["w0 ", "w1 "], first: 0, isCutByLimit: true))
        #expect(text.part(from: 4, limit: 2) == .init(pieces: ["1 ", "w2 "], first: 1, isCutByLimit: true))
        #expect(text.part(from: 0, limit: 0) == .init(pieces: [], first: 0, isCutByLimit: true))
        #expect(text.part(from: 0, limit: 12).isCutByLimit == false)
        #expect(text.part(from: whole.utf8.count, limit: 1) == .init(pieces: [], first: 12, isCutByLimit: false))
    }

    @Test func stopsEndTheTextBeforeThem() {
        #expect(text.part(from: 0, stops: ["w9", "w2"]).pieces == ["w0 ", "w1 "])
        #expect(text.part(from: 0, stops: [" w2"]).pieces == ["w0 ", "w1"])
        #expect(text.part(from: 0, limit: 3, stops: ["2 w3"]).pieces == ["w0 ", "w1 ", "w2 "], "beyond the limit")
        #expect(
            text.part(from: 3, stops: ["w0", ""]).pieces.joined() == whole.dropFirst(3), "not in this request's text")
        #expect(text.part(from: 0, limit: 2, stops: ["w1"]).isCutByLimit == false)
    }

    @Test func piecesCanBeMadeLarger() {
        let text = MockText(count: 101, minimumBytes: 6)
        #expect(text.pieces[0] == "w0___ " && text.pieces[100] == "w100_ ")
        #expect(text.position(in: "Hi w0___ w1__") == 10)
    }
}
