import Foundation

/// One page that a search found. All of it was written by strangers, and is harmless to show: see ``UntrustedText``.
package struct SearchResult: Hashable, Sendable, Codable {
    /// The page's title, one line of at most 120 Unicode scalars; never empty.
    package let title: String
    /// What the page says, one line of at most 300 Unicode scalars; may be empty.
    package let snippet: String
    /// The page's address: `http` or `https`, printable ASCII.
    package let url: String

    /// The end of the address's host.
    var host: String {
        String((URLComponents(string: url)?.encodedHost ?? "").suffix(60))
    }
}

extension SearXNGAnswer {
    /// Results that are kept; no configuration asks for more, and no prompt has room for them.
    static let mostResults = 20

    /// The results that can be shown, each page once.
    var usableResults: [SearchResult] {
        var seen: Set<String> = []
        var usable: [SearchResult] = []
        for entry in results where usable.count < Self.mostResults {
            guard let address = PageAddress(entry.url), !seen.contains(address.identity) else {
                continue
            }
            let title = UntrustedText(entry.title, limit: 120).line
            let snippet = UntrustedText(entry.content, limit: 300).line
            guard !title.isEmpty || !snippet.isEmpty else {
                continue
            }
            seen.insert(address.identity)
            usable.append(
                SearchResult(title: title.isEmpty ? address.host : title, snippet: snippet, url: address.text))
        }
        return usable
    }
}
