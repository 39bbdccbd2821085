import Testing

@testable import SaraiCommand

@Suite("Keys of a terminal")
struct KeyReaderTests {
    @Test(
        "what terminals send",
        arguments: [
            ("q", [Key.character("q")]), ("\u{1B}[A", [.up]), ("\u{1B}OB", [.down]), ("\u{1B}[5~", [.pageUp]),
            ("\u{1B}[6~", [.pageDown]), ("\u{1B}[H", [.home]), ("\u{1B}[4~", [.end]), ("\r", [.enter]),
            ("\u{03}", [.control("c")]), ("\u{0C}", [.control("l")]), ("\u{1B}", [.escape]),
            ("j\u{1B}[Bk", [.character("j"), .down, .character("k")]),
            ("ñ日🎉", [.character("ñ"), .character("日"), .character("🎉")]),
        ])
    func keys(text: String, expected: [Key]) {
        var reader = KeyReader()
        #expect(reader.read(text.utf8) == expected)
    }

    @Test(
        "keys that mean nothing here are swallowed whole",
        arguments: ["\u{1B}[15~", "\u{1B}[1;5C", "\u{1B}OP", "\u{1B}[", "\u{7F}"])
    func unknown(text: String) {
        var reader = KeyReader()
        #expect(reader.read(text.utf8) == [])
        #expect(reader.read("q".utf8) == [.character("q")])
    }

    @Test("a character may come in pieces")
    func pieces() {
        var reader = KeyReader()
        let bytes = Array("日".utf8)
        #expect(reader.read(bytes.prefix(1)) == [])
        #expect(reader.read(bytes.dropFirst().prefix(1)) == [])
        #expect(reader.read(bytes.suffix(1) + Array("x".utf8)) == [.character("日"), .character("x")])
    }

    @Test("what is no text does no harm")
    func garbage() {
        var generator = SystemRandomNumberGenerator()
        var reader = KeyReader()
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0..<12, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            _ = reader.read(bytes)
        }
        #expect(reader.read(Array(repeating: UInt8(ascii: "q"), count: 4)).last == .character("q"))
    }
}
