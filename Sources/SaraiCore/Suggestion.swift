/// Finds the name that was probably meant.
package enum Suggestion {
    /// The candidate nearest to `word`, if it is near enough to be a slip of the keyboard.
    ///
    /// - Returns: `nil` if every candidate differs in more than a third of the word (at least two edits are allowed).
    package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let limit = max(2, word.count / 3)
        let ranked = candidates.map { (candidate: $0, distance: distance(word, $0)) }
        let best = ranked.min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }
        if let best, best.distance <= limit, best.distance < best.candidate.count {
            return best.candidate
        }
        // Otherwise perhaps a name that was only begun: `max_ram` for `max_ram_gb`.
        return word.count < 3 ? nil : candidates.filter { $0.hasPrefix(word.lowercased()) }.min()
    }

    /// ` Did you mean 'x'?`, or nothing.
    package static func sentence(for word: String, among candidates: some Sequence<String>) -> String {
        nearest(to: word, among: candidates).map { " Did you mean '\($0)'?" } ?? ""
    }

    /// Levenshtein distance, case-insensitive.
    private static func distance(_ first: String, _ second: String) -> Int {
        let first = Array(first.lowercased()), second = Array(second.lowercased())
        var row = Array(0...second.count)
        for (i, a) in first.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in second.enumerated() {
                let substituted = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[second.count]
    }
}
