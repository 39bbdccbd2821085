import Testing

@testable import SaraiCore

@Suite("The names of requests")
struct RequestIDTests {
    @Test("what a client may give", arguments: ["a", "7f3c-1_2.B:9", String(repeating: "x", count: 128)])
    func accepted(text: String) {
        #expect(RequestID(text)?.rawValue == text)
    }

    @Test(
        "what would do harm in a log or a header",
        arguments: ["", "a b", "a\nb", "a\r\nX: y", "é", "\u{1B}[31m", "a/b", "{}", String(repeating: "x", count: 129)])
    func refused(text: String) {
        #expect(RequestID(text) == nil)
    }

    @Test("a new one is like no other, and one that a client may give")
    func random() {
        let ids = (0..<100).map { _ in RequestID.random() }
        #expect(Set(ids).count == 100)
        for id in ids {
            #expect(id.rawValue.count == 32)
            #expect(RequestID(id.rawValue) == id)
        }
    }

    @Test("what a task begins works for the same request")
    func tasks() async {
        let id = RequestID.random()
        let seen = await RequestID.$current.withValue(id) { await Task { RequestID.current }.value }
        #expect(seen == id)
        #expect(RequestID.current == nil)
    }
}
