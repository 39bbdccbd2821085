import NIOCore

/// A stretch of a message, byte for byte as it came.
enum HTTPSlice: Hashable {
    /// A whole head with its empty line.
    case head(ByteBuffer, HTTPHead)
    /// Bytes around the payload: sizes and ends of chunks, interim responses, or what is not HTTP at all.
    case framing(ByteBuffer)
    /// Payload, and how much more is announced after it; `nil` when that is not known.
    case payload(ByteBuffer, remaining: Int?)
    /// The last, empty chunk with its trailers.
    case terminator(ByteBuffer)
    /// Nothing more belongs to this message.
    case end

    /// The bytes, if there are any.
    var bytes: ByteBuffer? {
        switch self {
        case .head(let bytes, _), .framing(let bytes), .payload(let bytes, _), .terminator(let bytes): bytes
        case .end: nil
        }
    }
}

/// Finds out which bytes of a connection are what, one message after another, without changing any.
///
/// What is not HTTP/1 passes as framing, so that a proxy is of use for it as well.
struct HTTPFramer {
    /// Which side of a conversation is read.
    enum Side {
        case requests
        case responses
    }

    /// A longer head is none.
    private static let maximumHead = 64 << 10

    private enum State {
        case head
        case fixed(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd(remaining: Int)
        case terminator
        case untilClose
        case notHTTP
        case ended
    }

    private let side: Side
    private var state = State.head
    private var buffer = ByteBuffer()

    /// A framer for one direction of a connection.
    init(_ side: Side) {
        self.side = side
    }

    /// Notes bytes that have arrived.
    mutating func append(_ bytes: ByteBuffer) {
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(bytes)
    }

    /// Takes the next stretch, as far as it has arrived.
    ///
    /// - Parameter answersHead: whether the response that comes next answers a HEAD, and so has no body.
    /// - Returns: `nil` when more is needed.
    mutating func next(answersHead: Bool = false) -> HTTPSlice? {
        switch state {
        case .head: return nextHead(answersHead: answersHead)
        case .fixed(0), .ended:
            state = .head
            return .end
        case .fixed(let remaining):
            return take(remaining).map { bytes in
                state = .fixed(remaining: remaining - bytes.readableBytes)
                return .payload(bytes, remaining: remaining - bytes.readableBytes)
            }
        case .chunkSize: return nextChunkSize()
        case .chunk(let remaining):
            return take(remaining).map { bytes in
                let left = remaining - bytes.readableBytes
                state = left > 0 ? .chunk(remaining: left) : .chunkEnd(remaining: 2)
                return .payload(bytes, remaining: nil)
            }
        case .chunkEnd(let remaining):
            return take(remaining).map { bytes in
                let left = remaining - bytes.readableBytes
                state = left > 0 ? .chunkEnd(remaining: left) : .chunkSize
                return .framing(bytes)
            }
        case .terminator:
            return takeThrough(Self.endOfLines(in: buffer)).map { bytes in
                state = .ended
                return .terminator(bytes)
            }
        case .untilClose: return take(.max).map { .payload($0, remaining: nil) }
        case .notHTTP: return take(.max).map { .framing($0) }
        }
    }

    /// Notes that the connection has ended.
    ///
    /// - Returns: what is left, and the end of a message that was still open.
    mutating func finish() -> [HTTPSlice] {
        var slices: [HTTPSlice] = []
        if let rest = take(.max) {
            slices.append(.framing(rest))
        }
        if case .head = state {
            return slices
        }
        state = .head
        return slices + [.end]
    }

    private mutating func nextHead(answersHead: Bool) -> HTTPSlice? {
        guard let bytes = takeThrough(Self.endOfLines(in: buffer)) else {
            guard buffer.readableBytes > Self.maximumHead else {
                return nil
            }
            state = .notHTTP
            return next()
        }
        guard let head = HTTPHead(bytes) else {
            state = .notHTTP
            return .framing(bytes)
        }
        switch side {
        case .requests: state = head.isChunked ? .chunkSize : .fixed(remaining: head.contentLength ?? 0)
        case .responses where head.status == 101: state = .notHTTP
        case .responses where (100..<200).contains(head.status): return .framing(bytes)
        case .responses where answersHead || head.status == 204 || head.status == 304: state = .ended
        case .responses where head.isChunked: state = .chunkSize
        case .responses: state = head.contentLength.map { .fixed(remaining: $0) } ?? .untilClose
        }
        return .head(bytes, head)
    }

    private mutating func nextChunkSize() -> HTTPSlice? {
        let view = buffer.readableBytesView
        guard let newline = view.firstIndex(of: UInt8(ascii: "\n")) else {
            return nil
        }
        let digits = view[..<newline].prefix { Character(UnicodeScalar($0)).isHexDigit }
        guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) else {
            state = .notHTTP
            return next()
        }
        if size == 0 {
            state = .terminator
            return next()
        }
        state = .chunk(remaining: size)
        return take(newline - view.startIndex + 1).map { .framing($0) }
    }

    private mutating func take(_ count: Int) -> ByteBuffer? {
        buffer.readableBytes == 0 ? nil : buffer.readSlice(length: min(count, buffer.readableBytes))
    }

    private mutating func takeThrough(_ end: Int?) -> ByteBuffer? {
        end.flatMap { buffer.readSlice(length: $0) }
    }

    /// Bytes up to and with the first empty line; `nil` when there is none yet.
    private static func endOfLines(in buffer: ByteBuffer) -> Int? {
        let view = buffer.readableBytesView
        var lineStart = view.startIndex
        while let newline = view[lineStart...].firstIndex(of: UInt8(ascii: "\n")) {
            if view[lineStart..<newline].allSatisfy({ $0 == UInt8(ascii: "\r") }) {
                return newline - view.startIndex + 1
            }
            lineStart = newline + 1
        }
        return nil
    }
}
