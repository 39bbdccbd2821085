import Foundation
import NIOHTTP1
package import SaraiCore

/// What the head of an answer says about the part of a file that follows.
package struct RemoteAnswerHead: Hashable, Sendable {
    /// Which bytes follow, and how many the file has. Source: `Content-Range`, RFC 9110, 14.4.
    package struct ContentRange: Hashable, Sendable {
        /// `nil` where none follow (status 416).
        package let range: Range<Int>?
        /// `nil` where the server does not know.
        package let total: Int?

        /// Reads `bytes 0-1023/4096`; `nil` if it is nothing of the kind.
        init?(_ text: String) {
            guard let match = text.wholeMatch(of: /bytes +(?:(\d+)-(\d+)|\*)\/(\d+|\*)/) else {
                return nil
            }
            if let first = match.1.flatMap({ Int($0) }), let last = match.2.flatMap({ Int($0) }) {
                guard first <= last, last < .max else {
                    return nil
                }
                range = first..<last + 1
            } else {
                range = nil
            }
            total = Int(match.3).flatMap { RemoteAnswerHead.plausible($0) }
        }
    }

    /// A size that a file may have, so that sizes can be added: 1 PiB at most.
    private static func plausible(_ size: Int) -> Int? {
        0...(1 << 50) ~= size ? size : nil
    }

    /// The status code.
    package let status: Int
    /// Which bytes follow.
    package let contentRange: ContentRange?
    /// How many bytes follow.
    package let contentLength: Int?
    /// The media type in lower case, without parameters.
    let contentType: String?
    /// `nil` for a body as it is.
    package let contentEncoding: String?
    /// What changes when the file does.
    package let entityTag: String?
    /// When the file was last changed, in the server's words.
    package let lastModified: String?
    /// How long the server asks to be left alone.
    package let retryAfter: Duration?
    /// What a hub says of the file, wherever it redirects to.
    package let linked: Linked
    /// Where to look instead; `nil` if this is not a redirect.
    let redirectTarget: String?

    /// What a hub says of a file that it keeps elsewhere. Source: `X-Linked-Size` and `X-Linked-ETag` of Hugging Face.
    package struct Linked: Hashable, Sendable {
        /// Bytes of the file.
        package let size: Int?
        /// Its SHA-256.
        package let digest: FileDigest?
    }

    /// Reads a head.
    init(status: Int, headers: HTTPHeaders) {
        self.status = status
        contentRange = headers.first(name: "Content-Range").flatMap { ContentRange($0) }
        contentLength = headers.first(name: "Content-Length").flatMap { Int($0) }.flatMap { Self.plausible($0) }
        contentType = headers.first(name: "Content-Type")?.split(separator: ";").first?.lowercased()
        contentEncoding = headers.first(name: "Content-Encoding").flatMap { $0.lowercased() == "identity" ? nil : $0 }
        entityTag = headers.first(name: "ETag")
        lastModified = headers.first(name: "Last-Modified")
        retryAfter = headers.first(name: "Retry-After").flatMap { RetryAfter.duration($0, now: Date()) }
        linked = Linked(
            size: headers.first(name: "X-Linked-Size").flatMap { Int($0) }.flatMap { Self.plausible($0) },
            digest: headers.first(name: "X-Linked-ETag").flatMap { FileDigest($0.trimmingCharacters(in: ["\""])) })
        redirectTarget = [301, 302, 303, 307, 308].contains(status) ? headers.first(name: "Location") : nil
    }
}
