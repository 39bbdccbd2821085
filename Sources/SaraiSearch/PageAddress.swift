import Foundation

/// The address of a page that a search found, checked: it is shown to people, and never fetched.
struct PageAddress: Hashable {
    /// The address: printable ASCII without quotes and angle brackets.
    let text: String
    let host: String
    /// The same for addresses that lead to the same page: without scheme, fragment and trailing slash.
    let identity: String

    /// Longer ones are of no use to a person.
    private static let mostBytes = 500

    /// Checks an address.
    ///
    /// - Returns: `nil` unless it is of the web, reasonably short, and without a name and password.
    init?(_ raw: String) {
        let trimmed = raw.trimmingCharacters(in: .whitespacesAndNewlines)
        guard trimmed.utf8.count <= Self.mostBytes, let components = URLComponents(string: trimmed),
            ["http", "https"].contains(components.scheme?.lowercased()),
            let host = components.encodedHost?.lowercased(),
            !host.isEmpty, components.user == nil, components.password == nil, let text = components.string,
            text.utf8.count <= Self.mostBytes, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }),
            !text.contains(where: { "<>\"\\^`{|}".contains($0) })
        else {
            return nil
        }
        self.text = text
        self.host = host
        var page = components
        (page.scheme, page.fragment, page.encodedHost) = (nil, nil, host)
        let identity = page.string ?? text
        self.identity = identity.hasSuffix("/") ? String(identity.dropLast()) : identity
    }
}
