import NIOHTTP1

/// What the head of an answer says about the part of a file that follows.
struct RemoteAnswerHead: Hashable {
    /// Which bytes follow, and how many the file has. Source: `Content-Range`, RFC 9110, 14.4.
    struct ContentRange: Hashable {
        /// `nil` where none follow (status 416).
        let range: Range<Int>?
        /// `nil` where the server does not know.
        let total: Int?

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
    let status: Int
    /// Which bytes follow.
    let contentRange: ContentRange?
    /// How many bytes follow.
    let contentLength: Int?
    /// The media type in lower case, without parameters.
    let contentType: String?
    /// `nil` for a body as it is.
    let contentEncoding: String?
    /// What changes when the file does.
    let entityTag: String?
    /// Where to look instead; `nil` if this is not a redirect.
    let redirectTarget: String?

    /// Reads a head.
    init(status: Int, headers: HTTPHeaders) {
        self.status = status
        contentRange = headers.first(name: "Content-Range").flatMap { ContentRange($0) }
        contentLength = headers.first(name: "Content-Length").flatMap { Int($0) }.flatMap { Self.plausible($0) }
        contentType = headers.first(name: "Content-Type")?.split(separator: ";").first?.lowercased()
        contentEncoding = headers.first(name: "Content-Encoding").flatMap { $0.lowercased() == "identity" ? nil : $0 }
        entityTag = headers.first(name: "ETag")
        redirectTarget = [301, 302, 303, 307, 308].contains(status) ? headers.first(name: "Location") : nil
    }
}
