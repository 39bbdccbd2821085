/// The only answer that the mock knows: `w0 w1 w2 …`, a piece a token.
struct MockText: Sendable {
    /// The part of the answer that one request gets.
    struct Part: Equatable {
        /// The pieces, none empty; only the first and the last may lack something.
        var pieces: [String]
        /// The number of the first piece.
        var first: Int
        /// Whether more would have followed if the request had allowed it.
        var isCutByLimit: Bool
    }

    /// The pieces, each with its space.
    let pieces: [String]
    private let whole: [UInt8]
    /// Where each piece ends in the whole.
    private let ends: [Int]

    /// An answer.
    ///
    /// - Parameters:
    ///   - count: pieces.
    ///   - minimumBytes: bytes of each, at least; shorter ones are filled up with `_`.
    init(count: Int, minimumBytes: Int = 0) {
        pieces = (0..<count).map { index in
            let name = "w\(index)"
            return name + String(repeating: "_", count: max(0, minimumBytes - name.utf8.count - 1)) + " "
        }
        var whole: [UInt8] = []
        ends = pieces.map { piece in
            whole += piece.utf8
            return whole.count
        }
        self.whole = whole
    }

    /// How many bytes of the answer a text ends with: it is the beginning of the answer, or holds it at its end.
    func position(in text: String) -> Int {
        let bytes = Array(text.utf8)
        if whole.starts(with: bytes) {
            return bytes.count
        }
        guard let opening = pieces.first.map({ Array($0.utf8) }), bytes.count >= opening.count else {
            return 0
        }
        for start in stride(from: bytes.count - opening.count, through: 0, by: -1)
        where bytes[start...].starts(with: opening) && whole.starts(with: bytes[start...]) {
            return bytes.count - start
        }
        return 0
    }

    /// Cuts out what follows a position.
    ///
    /// - Parameters:
    ///   - position: bytes that are there already.
    ///   - limit: pieces at most; `nil` is all.
    ///   - stops: the text ends before the first of these.
    /// - Returns: the pieces.
    func part(from position: Int, limit: Int? = nil, stops: [String] = []) -> Part {
        let first = ends.firstIndex { $0 > position } ?? pieces.count
        let last = min(pieces.count, first + max(0, limit ?? pieces.count))
        var end = last > first ? ends[last - 1] : position
        let stop = stops.compactMap { firstIndex(of: Array($0.utf8), in: position..<end) }.min()
        end = stop ?? end
        var texts: [String] = []
        var start = position
        for index in first..<last where start < end {
            let pieceEnd = min(ends[index], end)
            let isWhole = start == (index > 0 ? ends[index - 1] : 0) && pieceEnd == ends[index]
            texts.append(isWhole ? pieces[index] : String(decoding: whole[start..<pieceEnd], as: UTF8.self))
            start = pieceEnd
        }
        return Part(pieces: texts, first: first, isCutByLimit: stop == nil && last < pieces.count)
    }

    private func firstIndex(of wanted: [UInt8], in range: Range<Int>) -> Int? {
        guard !wanted.isEmpty, range.count >= wanted.count else {
            return nil
        }
        return (range.lowerBound...range.upperBound - wanted.count).first { whole[$0...].starts(with: wanted) }
    }
}
