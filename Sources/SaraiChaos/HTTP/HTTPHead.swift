import NIOCore

/// What the framing of a message needs to know of its head.
struct HTTPHead: Hashable {
    /// The first line's words: method, target and version, or version, status and reason.
    let firstLine: [String]
    /// The length that is announced.
    let contentLength: Int?
    /// Whether the body comes in chunks.
    let isChunked: Bool

    /// Reads a head; `nil` when this is not HTTP/1.
    ///
    /// - Parameter bytes: the head with its empty line.
    init?(_ bytes: ByteBuffer) {
        let lines = String(buffer: bytes).split(whereSeparator: \.isNewline)
        let words = lines.first?.split(separator: " ", maxSplits: 2).map(String.init) ?? []
        guard words.count >= 2, words.contains(where: { $0.hasPrefix("HTTP/1.") }) else {
            return nil
        }
        var contentLength: Int?
        var isChunked = false
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = (parts.count == 2 ? parts[1] : "").filter { !$0.isWhitespace }
            switch parts[0].lowercased() {
            case "content-length": contentLength = Int(value).flatMap { $0 >= 0 ? $0 : nil }
            case "transfer-encoding": isChunked = value.lowercased().hasSuffix("chunked")
            default: break
            }
        }
        firstLine = words
        self.contentLength = contentLength
        self.isChunked = isChunked
    }

    /// The method of a request.
    var method: String {
        firstLine[0]
    }

    /// The path of a request, without its query.
    var path: String {
        String(firstLine[1].prefix { $0 != "?" })
    }

    /// The status of a response.
    var status: Int {
        Int(firstLine[1]) ?? 0
    }
}
