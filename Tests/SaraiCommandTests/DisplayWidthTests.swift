import Testing

@testable import SaraiCommand

@Suite("The columns of a terminal that texts take")
struct DisplayWidthTests {
    @Test(
        "widths",
        arguments: [
            ("", 0), ("solar", 5), ("corazón", 7), ("e\u{301}", 1), ("日本語", 6), ("한국", 4), ("ｆｕｌｌ", 8), ("🎉", 2),
            ("👩‍🚀", 2),
            ("❤️", 2), ("❤", 1), ("█▓▒░·", 5), ("–…×↑", 4), ("a\u{1B}[31mb", 6), ("\u{200B}\n\t", 0),
        ])
    func widths(text: String, width: Int) {
        #expect(text.displayWidth == width)
    }

    @Test("a text is never wider than it may be, and says that something is missing")
    func cuts() {
        for text in ["a long story", "日本語のテスト", "x👩‍🚀y🎉z", "corazón"] {
            for width in 0...16 {
                let cut = text.cut(to: width)
                #expect(cut.displayWidth <= width)
                #expect(cut == text || width == 0 || cut.hasSuffix("…"))
                #expect(text.fitted(to: width).displayWidth == width)
                #expect(text.fitted(to: width, isNumeric: true).displayWidth == width)
            }
        }
        #expect("日本語".cut(to: 4) == "日…")
        #expect("1.5".fitted(to: 5, isNumeric: true) == "  1.5")
    }

    @Test("nothing in a text can move the cursor")
    func controls() {
        #expect("a\u{1B}[2Jb\r\nc\u{9B}d".cut(to: 80) == "a[2Jbcd")
    }
}

@Suite("What is written to a terminal")
struct ScreenDiffTests {
    private var diff = ScreenDiff()

    private mutating func update(_ lines: String...) -> String {
        diff.update(to: lines.map { StyledLine($0) }, width: 5, style: TextStyle(isColored: false))
    }

    @Test("only lines that differ, in one piece")
    mutating func lines() {
        let first = update("one", "two")
        #expect(first.contains("\u{1B}[2J") && first.contains("one") && first.contains("two"))
        #expect(update("one", "two") == "")
        #expect(update("one", "2") == "\u{1B}[?2026h\u{1B}[2;1H2\u{1B}[K\u{1B}[?2026l")
        #expect(update("one").contains("\u{1B}[2;1H\u{1B}[K"), "a line that is gone is cleared")
        diff.invalidate()
        #expect(update("one").contains("\u{1B}[2J"))
    }

    @Test("nothing is cleared after a full line: the cursor is still on its last column")
    mutating func full() {
        #expect(update("12345").contains("12345\u{1B}[?2026l"))
        #expect(update("日本1").contains("日本1\u{1B}[?2026l"))
    }
}
