package import Foundation

/// Where a file on a server is.
package struct RemoteAddress: Hashable, Sendable, CustomStringConvertible {
    private let components: URLComponents

    /// Reads an address.
    ///
    /// - Throws: ``BackendError`` if it is not a plain `https` or `http` URL.
    package init(_ text: String) throws(BackendError) {
        guard let components = URLComponents(string: text), let scheme = components.scheme?.lowercased(),
            scheme == "https" || scheme == "http", components.host?.isEmpty == false
        else {
            throw BackendError(.unsupported, "'\(text.prefix(200))' is not an https:// or http:// address of a file")
        }
        try self.init(components)
    }

    private init(_ components: URLComponents) throws(BackendError) {
        self.components = components
        guard components.user == nil, components.password == nil else {
            throw BackendError(
                .unsupported,
                "\(self): addresses with a name and password are not used; download the file and name it instead")
        }
    }

    /// The address in full, as the server needs it.
    package var url: String {
        var components = components
        components.fragment = nil
        return components.string ?? ""
    }

    /// The file's name.
    package var fileName: String {
        String(components.path.split(separator: "/").last ?? "")
    }

    /// Whether both are on the same server: scheme, host and port.
    package func hasSameOrigin(as other: RemoteAddress) -> Bool {
        origin == other.origin
    }

    private var origin: [String] {
        let scheme = components.scheme?.lowercased() ?? ""
        let port = components.port ?? (scheme == "https" ? 443 : 80)
        return [scheme, components.host?.lowercased() ?? "", String(port)]
    }

    /// Whether nobody between here and there can read or change what is sent.
    package var isPrivate: Bool {
        components.scheme?.lowercased() == "https" || isLoopback
    }

    /// Whether the server is on this machine, by the name that the address has.
    package var isLoopback: Bool {
        ["localhost", "127.0.0.1", "[::1]", "::1"].contains(components.host?.lowercased())
    }

    /// The address of a path on the same server, below this one's own path.
    ///
    /// - Parameters:
    ///   - path: with a slash at its start, of characters that need no encoding.
    ///   - query: what to ask for.
    /// - Returns: the address.
    /// - Throws: ``BackendError`` if it is none, which cannot happen where this one is.
    package func appending(_ path: String, query: [URLQueryItem] = []) throws(BackendError) -> RemoteAddress {
        var components = components
        components.path += path
        components.queryItems = query.isEmpty ? nil : query
        return try RemoteAddress(components)
    }

    /// The address of another file in the same folder.
    func sibling(named name: String) throws(BackendError) -> RemoteAddress {
        var components = components
        components.path = String(components.path.dropLast(fileName.count)) + name
        return try RemoteAddress(components)
    }

    /// Where a redirect leads to.
    ///
    /// - Parameter location: what the server says, absolute or relative.
    /// - Returns: the address.
    /// - Throws: ``BackendError`` if it would leave encryption, or is no address.
    package func redirected(to location: String) throws(BackendError) -> RemoteAddress {
        guard let base = components.url, let target = URL(string: location, relativeTo: base)?.absoluteString else {
            throw BackendError(.malformedAnswer, "\(self): redirects to '\(location.prefix(200))', which is no address")
        }
        let address = try RemoteAddress(target)
        guard components.scheme?.lowercased() == "http" || address.components.scheme?.lowercased() == "https" else {
            throw BackendError(
                .malformedAnswer, "\(self): redirects to \(address), which is not encrypted; this is not followed")
        }
        return address
    }

    /// The address for messages: without the query, in which hubs put signatures.
    package var description: String {
        var components = components
        (components.query, components.fragment, components.user, components.password) = (nil, nil, nil, nil)
        return components.string ?? ""
    }
}
