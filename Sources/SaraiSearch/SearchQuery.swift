import SaraiCore

/// What is searched for, as it is sent: one line of at most 300 Unicode scalars, cut at the end of a word.
struct SearchQuery: Hashable, Sendable {
    let text: String

    /// What queries that mean the same have in common.
    var folded: String { text.lowercased() }

    private static let limit = 300

    /// Makes a query of what somebody, or a model, wrote.
    ///
    /// SearXNG takes words that begin with `!`, `:` or `<` for commands, which choose engines, languages and times, or
    /// redirect to another server. A query here is only text, so those characters go. Source: its `searx/query.py`.
    ///
    /// - Returns: `nil` if nothing is left of it.
    init?(_ raw: String) {
        let visible = raw.unicodeScalars.filter { !$0.isInvisible || $0.isBlank }
        let words = String(visible).split { $0.unicodeScalars.allSatisfy(\.isBlank) }
            .map { $0.drop { "!:<".contains($0) } }
            .filter { !$0.isEmpty }
        text = words.joined(separator: " ").cut(to: Self.limit)
        guard !text.isEmpty else {
            return nil
        }
    }
}

/// What is kept in the cache is kept under this.
struct SearchKey: Hashable, Sendable {
    /// The base URL of the server that was asked.
    let server: String
    let language: Language
    /// ``SearchQuery/folded``.
    let query: String
}
