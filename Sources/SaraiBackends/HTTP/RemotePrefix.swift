import NIOHTTP1
import SaraiMemory

/// The start of a file on a server, as far as it has arrived.
///
/// Decides what to ask for next, whether an answer is what was asked for, and when the header is complete. Most headers
/// take two requests: 1 MiB tells how long the file is and holds a small vocabulary, 8 MiB hold nearly all, and the
/// connection is closed as soon as enough is there.
struct RemotePrefix {
    /// Bytes that the first request asks for.
    private static let firstBytes = 1 << 20
    /// The next one asks for the file up to so many times of what is there.
    private static let growth = 8
    /// Parts of one file that are asked for at most.
    private static let maximumParts = 5

    /// What errors call the file.
    let source: String
    /// What has arrived, from the start of the file.
    private(set) var bytes: [UInt8] = []
    /// Bytes of the whole file, once the server has told.
    private(set) var fileSize: Int?
    /// Requests that were sent, redirects among them.
    var requests = 0
    /// Bytes that were sent, whether they were of use or not.
    private(set) var receivedBytes = 0
    /// Whether what is missing can be asked for by itself.
    private(set) var canResume = true

    private let limits: GGUFLimits
    private var parts = 0
    private var entityTag: String?
    private var contentType: String?
    /// Where the answer that is being received ends.
    private var end = 0
    /// Parsing before so many bytes are there would be in vain.
    private var nextAttempt = 64 << 10

    /// Nothing of a file.
    init(source: String, limits: GGUFLimits) {
        self.source = source
        self.limits = limits
    }

    // MARK: Asking

    /// The next request for a part.
    ///
    /// - Returns: its headers, and which bytes they ask for.
    /// - Throws: ``BackendError`` when it has been tried often enough.
    mutating func nextRequest() throws(BackendError) -> (headers: HTTPHeaders, range: Range<Int>) {
        guard parts < Self.maximumParts else {
            throw BackendError(
                .malformedAnswer,
                "\(source): after \(parts) requests only \(bytes.count) bytes are there, and the header goes on; \(advice)"
            )
        }
        parts += 1
        let wanted = max(Self.firstBytes, bytes.count * Self.growth)
        let range = bytes.count..<max(bytes.count + 1, min(wanted, limits.headerBytes, fileSize ?? .max))
        var headers: HTTPHeaders = [
            "Range": "bytes=\(range.lowerBound)-\(range.upperBound - 1)",
            // Ranges of something compressed would not be ranges of the file.
            "Accept-Encoding": "identity",
        ]
        // A weak tag says nothing about single bytes. Source: RFC 9110, 13.1.5.
        if let entityTag, !entityTag.hasPrefix("W/") {
            headers.add(name: "If-Range", value: entityTag)
        }
        return (headers, range)
    }

    // MARK: Receiving

    /// Notes the head of an answer.
    ///
    /// - Parameters:
    ///   - head: the head.
    ///   - range: which bytes were asked for.
    /// - Throws: ``BackendError`` if what follows is not the next part of the same file.
    mutating func begin(_ head: RemoteAnswerHead, asking range: Range<Int>) throws(BackendError) {
        switch head.status {
        case 206: try beginPart(head, asking: range)
        case 200: try beginWhole(head)
        default: throw refusal(head)
        }
        guard head.contentEncoding == nil else {
            throw BackendError(.malformedAnswer, "\(source): the server sends the file compressed; \(advice)")
        }
        entityTag = head.entityTag ?? entityTag
        contentType = head.contentType
    }

    private mutating func beginPart(_ head: RemoteAnswerHead, asking range: Range<Int>) throws(BackendError) {
        guard let sent = head.contentRange, let part = sent.range, part.lowerBound == range.lowerBound else {
            throw BackendError(
                .malformedAnswer, "\(source): the server sends another part than bytes \(range) of the file; \(advice)")
        }
        let isSameSize = fileSize == nil || sent.total == nil || fileSize == sent.total
        let isSameTag = entityTag == nil || head.entityTag == nil || entityTag == head.entityTag
        guard isSameSize, isSameTag else {
            throw changed
        }
        fileSize = sent.total ?? fileSize
        end = min(part.upperBound, range.upperBound)
    }

    /// A server that ignores ranges sends the whole file: as much as is needed of it is read.
    private mutating func beginWhole(_ head: RemoteAnswerHead) throws(BackendError) {
        guard bytes.isEmpty else {
            throw changed
        }
        canResume = false
        fileSize = head.contentLength
        end = .max
    }

    /// Takes some of a body.
    ///
    /// - Returns: the header, as soon as it is complete.
    /// - Throws: `GGUFError` for something else than a GGUF file; ``BackendError`` for more than was asked for.
    mutating func append(_ piece: some Collection<UInt8>) throws -> GGUFHeader? {
        receivedBytes += piece.count
        guard piece.count <= end - bytes.count else {
            throw BackendError(.malformedAnswer, "\(source): the server sends more than was asked for; \(advice)")
        }
        bytes += piece
        guard bytes.count >= nextAttempt else {
            return nil
        }
        return try parse()
    }

    /// Notes that a body has come to its end.
    ///
    /// - Returns: the header, if it is complete.
    /// - Throws: ``BackendError`` if nothing came; `GGUFError` if the file is at its end and the header is not.
    mutating func finish() throws -> GGUFHeader? {
        if !canResume {
            fileSize = bytes.count
        }
        guard !bytes.isEmpty else {
            throw BackendError(.malformedAnswer, "\(source): the file is empty")
        }
        return try parse()
    }

    private mutating func parse() throws(GGUFError) -> GGUFHeader? {
        do {
            return try GGUFHeader(parsing: bytes, source: source, fileSize: fileSize, limits: limits)
        } catch {
            switch error.code {
            case .incomplete:
                nextAttempt = max(bytes.count * 2, error.neededBytes ?? 0)
                return nil
            case .notGGUF: throw GGUFError(error.code, error.message + hint(contentType: contentType))
            default: throw error
            }
        }
    }
}
