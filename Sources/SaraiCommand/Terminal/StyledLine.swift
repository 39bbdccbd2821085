/// A line of a terminal: pieces of text, each with its tone.
struct StyledLine: Hashable, Sendable {
    /// A piece of one tone.
    struct Span: Hashable, Sendable {
        let text: String
        let tone: TextStyle.Tone
    }

    /// From left to right.
    private(set) var spans: [Span] = []

    /// An empty line.
    init() {}

    /// A line of one tone.
    init(_ text: String, _ tone: TextStyle.Tone = .plain) {
        add(text, tone)
    }

    /// Adds a piece at the end.
    mutating func add(_ text: String, _ tone: TextStyle.Tone = .plain) {
        if !text.isEmpty {
            spans.append(Span(text: text, tone: tone))
        }
    }

    /// The columns that it takes.
    var width: Int {
        spans.reduce(0) { $0 + $1.text.displayWidth }
    }

    /// What a person reads, without tones and without spaces at the end.
    var text: String {
        var text = spans.map(\.text).joined()
        while text.hasSuffix(" ") {
            text.removeLast()
        }
        return text
    }

    /// The line in at most so many columns.
    func cut(to width: Int) -> StyledLine {
        var line = StyledLine()
        for span in spans {
            line.add(span.text.cut(to: width - line.width), span.tone)
        }
        return line
    }

    /// The line filled up with spaces to so many columns, all in one tone.
    func marked(_ tone: TextStyle.Tone, width: Int) -> StyledLine {
        StyledLine(spans.map(\.text).joined().fitted(to: width), tone)
    }

    /// As a terminal takes it.
    func rendered(_ style: TextStyle) -> String {
        spans.map { style($0.text, $0.tone) }.joined()
    }
}
