/// What a search found.
package struct FoundResults: Hashable, Sendable {
    /// The best first; no more than fit into ``text``.
    package let results: [SearchResult]
    /// The query as it was sent.
    package let query: String
    /// Who was asked: `host:port`.
    package let server: String
    /// Whether the answer was kept from an earlier search.
    package let isFromCache: Bool

    /// The results for a prompt: numbered, between marks that they cannot close. Empty if there are none.
    package var text: String {
        guard !results.isEmpty else {
            return ""
        }
        let entries = results.enumerated().map { $1.entry(number: $0 + 1) }
        return PromptBlock.opening + entries.joined() + PromptBlock.closing
    }

    /// The results' addresses for a person, numbered as in ``text``: `[1] Title — https://…`, one a line. Empty if
    /// there are none.
    package var sources: String {
        results.enumerated().map { "[\($0 + 1)] \($1.title) — \($1.url)" }.joined(separator: "\n")
    }
}

/// The block of text in which a model gets results.
enum PromptBlock {
    static let opening = "<web_results>\n"
    static let closing = "</web_results>"
    /// Unicode scalars of the whole block at most: about 800 tokens, which every model's context has room for.
    static let limit = 3000
}

extension [SearchResult] {
    /// The first results, as many as fit into a ``PromptBlock``.
    func fittingPrompt(atMost count: Int) -> [SearchResult] {
        var room = PromptBlock.limit - (PromptBlock.opening + PromptBlock.closing).unicodeScalars.count
        let fitting = prefix(Swift.max(0, count)).enumerated().prefix { number, result in
            room -= result.entry(number: number + 1).unicodeScalars.count
            return room >= 0
        }
        return fitting.map(\.element)
    }
}

extension SearchResult {
    /// The result as a model reads it; of the address only the host, which tells whom the text is from.
    fileprivate func entry(number: Int) -> String {
        let heading = host.isEmpty || host == title ? title : "\(title) (\(host))"
        return "[\(number)] \(heading)\n" + (snippet.isEmpty ? "" : snippet + "\n")
    }
}
