import NIOCore

/// Finds the exact byte of a response at which a fault begins.
struct TriggerPoint {
    /// What a slice is, seen from the trigger.
    struct Split: Equatable {
        /// What goes through as it is.
        var before: [HTTPSlice] = []
        /// What lies behind the trigger; `nil` when it is not reached yet.
        var after: [HTTPSlice]?
    }

    private enum Search {
        /// At the next slice, whatever it is.
        case next
        /// After the head.
        case head
        /// After so many bytes of payload.
        case bytes(Int)
        /// After so many lines, or pieces of content, and bytes.
        case lines(Int, ofContent: Bool, plusBytes: Int)
        case lastLine
        case end
    }

    private var search: Search
    private var reader = LineReader()
    private var isAtLineStart = true
    /// What is held back because it may be the last line.
    private var held: [HTTPSlice] = []

    /// A search in one response.
    init(_ trigger: Fault.Trigger) {
        search =
            switch trigger {
            case .accept, .request, .beforeHeaders: .next
            case .afterHeaders, .afterBytes(0), .afterLines(0), .afterContent(0, plusBytes: 0): .head
            case .afterBytes(let count), .afterContent(0, plusBytes: let count): .bytes(count)
            case .afterLines(let count): .lines(count, ofContent: false, plusBytes: 0)
            case .afterContent(let count, let plusBytes): .lines(count, ofContent: true, plusBytes: plusBytes)
            case .beforeLastLine: .lastLine
            case .atEnd: .end
            }
    }

    /// Looks for the trigger in the next slice of the response.
    ///
    /// Not to be called any more when it has been reached.
    mutating func split(_ slice: HTTPSlice) -> Split {
        switch (search, slice) {
        case (.next, _): return Split(after: [slice])
        case (.head, .head): return Split(before: [slice], after: [])
        case (.bytes, .payload(let bytes, _)), (.lines, .payload(let bytes, _)):
            return offset(in: bytes).map { Self.cut(slice, at: $0) } ?? Split(before: [slice])
        case (.lastLine, _): return splitLastLine(slice)
        case (.end, .terminator), (.end, .end): return Split(after: [slice])
        case (.end, .payload(let bytes, remaining: 0)): return Self.cut(slice, at: bytes.readableBytes - 1)
        default: return Split(before: [slice])
        }
    }

    /// Where in a stretch of payload the trigger lies.
    private mutating func offset(in bytes: ByteBuffer) -> Int? {
        switch search {
        case .bytes(let left):
            guard left > bytes.readableBytes else {
                return left
            }
            search = .bytes(left - bytes.readableBytes)
            return nil
        case .lines(let left, let ofContent, let plusBytes):
            guard let end = endOfLines(left, ofContent: ofContent, plusBytes: plusBytes, in: bytes) else {
                return nil
            }
            search = .bytes(plusBytes)
            return offset(in: bytes.getSlice(at: bytes.readerIndex + end, length: bytes.readableBytes - end) ?? bytes)
                .map { end + $0 }
        case .next, .head, .lastLine, .end: return nil
        }
    }

    /// Where the last of the lines ends that are still to come.
    private mutating func endOfLines(_ count: Int, ofContent: Bool, plusBytes: Int, in bytes: ByteBuffer) -> Int? {
        var left = count
        for (index, byte) in bytes.readableBytesView.enumerated() {
            guard let completion = reader.read(byte), !ofContent || completion == .content else {
                continue
            }
            left -= 1
            if left == 0 {
                return index + 1
            }
        }
        search = .lines(left, ofContent: ofContent, plusBytes: plusBytes)
        return nil
    }

    private mutating func splitLastLine(_ slice: HTTPSlice) -> Split {
        switch slice {
        case .terminator, .end:
            return Split(after: held + [slice])
        case .payload(let bytes, _):
            guard let start = lastLineStart(in: bytes) else {
                return hold(slice)
            }
            let cut = Self.cut(slice, at: start)
            let released = held + cut.before
            held = cut.after ?? []
            return Split(before: released)
        case .head, .framing: return hold(slice)
        }
    }

    /// Lets a slice through, unless something before it is held.
    private mutating func hold(_ slice: HTTPSlice) -> Split {
        guard !held.isEmpty else {
            return Split(before: [slice])
        }
        held.append(slice)
        return Split()
    }

    /// Where the last line begins that is not empty; `nil` when none begins here.
    private mutating func lastLineStart(in bytes: ByteBuffer) -> Int? {
        var start: Int?
        for (index, byte) in bytes.readableBytesView.enumerated() {
            let isLineEnd = byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
            if isAtLineStart, !isLineEnd {
                start = index
            }
            isAtLineStart = byte == UInt8(ascii: "\n") || (isAtLineStart && isLineEnd)
        }
        return start
    }

    private static func cut(_ slice: HTTPSlice, at offset: Int) -> Split {
        guard case .payload(var after, let remaining) = slice, let before = after.readSlice(length: offset) else {
            return Split(before: [slice])
        }
        let left = after.readableBytes
        return Split(
            before: offset == 0 ? [] : [.payload(before, remaining: remaining.map { $0 + left })],
            after: left == 0 ? [] : [.payload(after, remaining: remaining)])
    }
}
