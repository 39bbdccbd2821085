extension String {
    /// The beginning of the text, of at most `limit` Unicode scalars.
    ///
    /// It ends with a word where one ends in the second half, and never within a character. Scalars are counted, and
    /// not characters, since a character can have any number of them.
    func cut(to limit: Int) -> String {
        guard unicodeScalars.count > limit else {
            return self
        }
        var length = 0
        var end = startIndex
        var wordEnd: Index?
        for index in indices {
            if self[index] == " ", 2 * length >= limit {
                wordEnd = index
            }
            length += self[index].unicodeScalars.count
            guard length <= limit else {
                break
            }
            end = self.index(after: index)
        }
        return String(self[..<(wordEnd ?? end)])
    }

    /// As ``cut(to:)``, with an ellipsis where something is missing.
    func shortened(to limit: Int) -> String {
        unicodeScalars.count > limit ? cut(to: limit - 1) + "…" : self
    }

    /// The text without white space at its ends.
    var trimmingBlanks: String {
        let rest = drop(while: \.isWhitespace)
        return rest.lastIndex { !$0.isWhitespace }.map { String(rest[...$0]) } ?? ""
    }
}
