import Testing

@testable import SaraiSearch

@Suite struct SearchQueryTests {
    @Test(arguments: [
        ("who won", "who won"), ("  who \n\t won?\r\n", "who won?"), ("qué\u{A0}hora es", "qué hora es"),
        ("a\u{0}b\u{1B}[31m c", "ab[31m c"), ("zero\u{200B}width \u{202E}bidi", "zerowidth bidi"),
    ])
    func isOneLine(raw: String, text: String) {
        #expect(SearchQuery(raw)?.text == text)
    }

    @Test(arguments: ["", " ", "\n\t\r\n", "\u{200B}", "\u{0}", "!", "!! : <", "\u{FEFF} \u{2066}"])
    func ofNothingIsNone(raw: String) {
        #expect(SearchQuery(raw) == nil)
    }

    @Test(arguments: [
        ("!!g cats", "g cats"), ("!images :es <3 cats", "images es 3 cats"), ("cats !!", "cats"),
        ("wow! a:b x<y", "wow! a:b x<y"),
    ])
    func commandsOfTheServerAreText(raw: String, text: String) {
        #expect(SearchQuery(raw)?.text == text)
    }

    @Test func isCutAtAWord() throws {
        let words = (0..<100).map { "word\($0)" }.joined(separator: " ")
        let text = try #require(SearchQuery(words)?.text)
        #expect(text.count <= 300 && text.count > 290)
        #expect(words.hasPrefix(text + " "))
        #expect(SearchQuery(String(repeating: "a", count: 1000))?.text.count == 300)
        #expect(SearchQuery(String(repeating: "a", count: 300))?.text.count == 300)
    }

    @Test func hasFewBytesWhateverItsCharacters() throws {
        let stacked = "x " + String(repeating: "e" + String(repeating: "\u{301}", count: 99), count: 20)
        let text = try #require(SearchQuery(stacked)?.text)
        #expect(text.unicodeScalars.count <= 300 && text.utf8.count < 700)
    }

    @Test func isKeptInAnyCase() {
        #expect(SearchQuery("¿Qué HORA es?")?.folded == SearchQuery("¿qué  hora ES?")?.folded)
        #expect(SearchQuery("¿que hora es?")?.folded != SearchQuery("¿qué hora es?")?.folded)
    }
}
