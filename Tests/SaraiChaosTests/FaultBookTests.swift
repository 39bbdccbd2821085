import Testing

@testable import SaraiChaos

@Suite("Which requests meet a fault")
struct FaultBookTests {
    /// Which of the first twelve requests meet the fault.
    private func met(_ text: String, method: String = "POST", path: String = "/api/chat") throws -> [Int] {
        var book = FaultBook([try Fault(text: text)], seed: 7)
        return (1...12).filter { _ in !book.meetRequest(method: method, path: path).isEmpty }
    }

    @Test func onlyPostsUnlessToldOtherwise() throws {
        #expect(try met("reset").count == 12)
        #expect(try met("reset", method: "GET").isEmpty)
        #expect(try met("reset,all=true", method: "GET").count == 12)
    }

    @Test func onlyThePathThatIsNamed() throws {
        #expect(try met("reset,path=/api/chat").count == 12)
        #expect(try met("reset,path=/api/chat", path: "/api/chat/x").isEmpty)
    }

    @Test func countsAndShares() throws {
        #expect(try met("reset,times=2") == [1, 2])
        #expect(try met("reset,every=5") == [5, 10])
        #expect(try met("reset,every=2,times=2") == [2, 4])
        #expect(try met("reset,probability=0").isEmpty)
        let drawn = try met("reset,probability=0.5")
        #expect((1...11).contains(drawn.count))
        #expect(try met("reset,probability=0.5") == drawn, "the seed decides")
    }

    @Test func connectionsAndThePortAreNoRequests() throws {
        var book = FaultBook([try Fault(text: "reset,when=accept,every=2"), try Fault(text: "refuse")], seed: 0)
        #expect(book.meetRequest(method: "POST", path: "/").isEmpty)
        #expect((1...4).map { _ in book.meetConnection().count } == [0, 1, 0, 1])
        #expect(book.port == .refused)
        book.faults = [try Fault(text: "unreachable")]
        #expect(book.port == .unreachable)
        book.faults = []
        #expect(book.port == .open)
    }

    @Test func settingThemStartsTheCountsAnew() throws {
        let fault = try Fault(text: "reset,times=1")
        var book = FaultBook([fault], seed: 0)
        #expect((1...2).map { _ in book.meetRequest(method: "POST", path: "/").count } == [1, 0])
        book.faults = [fault]
        #expect((1...2).map { _ in book.meetRequest(method: "POST", path: "/").count } == [1, 0])
    }
}
