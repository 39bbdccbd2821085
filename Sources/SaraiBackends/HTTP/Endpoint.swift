import AsyncHTTPClient
import Foundation

/// Where a server is: an HTTP base URL, or a unix socket.
package enum Endpoint: Hashable, Sendable {
    /// `http://host:port` or `https://…`, with an optional path prefix and no trailing slash.
    case url(String)
    /// Path of a socket, at most 107 bytes (`sun_path` of Linux).
    case unixSocket(String)

    /// The URL of a path on this server, in the form that the HTTP client takes.
    func url(of path: String) -> String {
        switch self {
        case .url(let base): base + path
        // The client's own scheme for sockets carries the file's path percent-encoded in the place of the host.
        case .unixSocket(let file): URL(httpURLWithSocketPath: file, uri: path)?.absoluteString ?? ""
        }
    }
}
