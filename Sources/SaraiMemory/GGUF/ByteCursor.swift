/// Reads little-endian values from the first bytes of a file, and refuses to read past their end.
struct ByteCursor {
    /// What errors call the file.
    let source: String
    /// The file's first bytes.
    let bytes: [UInt8]
    /// Bytes of the whole file, where that is known.
    let fileSize: Int?
    /// The header may not reach beyond this byte.
    let limit: Int
    /// The next byte to read.
    private(set) var offset = 0

    /// A cursor at the start of the file.
    init(source: String, bytes: [UInt8], fileSize: Int?, limit: Int) {
        self.source = source
        self.bytes = bytes
        self.fileSize = fileSize
        self.limit = limit
    }

    /// The end that nothing in the header can lie beyond: of the file, or of what a header may be.
    var horizon: Int {
        min(fileSize ?? .max, limit)
    }

    /// Bytes between here and the horizon: an upper bound for whatever the header still announces.
    var remaining: Int {
        max(0, horizon - offset)
    }

    /// Steps over `count` bytes.
    ///
    /// - Parameters:
    ///   - count: not negative.
    ///   - field: what is read, for the error.
    /// - Returns: where the bytes lie in ``bytes``.
    /// - Throws: if they are not all at hand.
    mutating func take(_ count: Int, _ field: @autoclosure () -> String) throws(GGUFError) -> Range<Int> {
        guard count <= bytes.count - offset else {
            throw shortage(of: count, field())
        }
        let start = offset
        offset += count
        return start..<offset
    }

    /// Reads an unsigned integer of `Value`'s width.
    mutating func integer<Value: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _ field: @autoclosure () -> String, as type: Value.Type = Value.self
    ) throws(GGUFError) -> Value {
        let range = try take(MemoryLayout<Value>.size, field())
        return Value(littleEndian: bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: range.lowerBound, as: type))
    }

    /// Reads a 64-bit count or length that must not exceed `limit`.
    mutating func count(limit: Int, _ field: @autoclosure () -> String) throws(GGUFError) -> Int {
        let start = offset
        let value: UInt64 = try integer(field())
        guard value <= UInt64(limit) else {
            throw fault(.limitExceeded, "\(field()) is \(value), more than the limit of \(limit)", at: start)
        }
        return Int(value)
    }

    /// Steps over a string: its 64-bit length and its bytes.
    ///
    /// - Returns: where the text lies in ``bytes``.
    mutating func stringRange(limit: Int, _ field: @autoclosure () -> String) throws(GGUFError) -> Range<Int> {
        let length = try count(limit: limit, "the length of \(field())")
        return try take(length, field())
    }

    /// Steps over `count` strings.
    ///
    /// A vocabulary has hundreds of thousands of them, so the plain case is one loop; a string that is too long for it is
    /// left to ``stringRange(limit:_:)``, which knows why.
    mutating func skipStrings(
        _ count: Int, limit: Int, _ field: @autoclosure () -> String
    ) throws(GGUFError) {
        var left = count
        while left > 0 {
            (offset, left) = plainStrings(left, limit: limit)
            if left > 0 {
                _ = try stringRange(limit: limit, field())
                left -= 1
            }
        }
    }

    /// Finds the end of the strings from here up to the first that does not lie within the bytes at hand and the limit.
    ///
    /// - Returns: where that one starts, or the last one ends, and how many strings are left.
    private func plainStrings(_ count: Int, limit: Int) -> (end: Int, left: Int) {
        let raw = bytes.span.bytes
        var position = offset, left = count
        while left > 0, raw.byteCount - position >= 8 {
            let length = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
            guard length <= UInt64(min(limit, raw.byteCount - position - 8)) else {
                break
            }
            position += 8 + Int(length)
            left -= 1
        }
        return (position, left)
    }

    /// An error about what lies at byte `position`.
    func fault(_ code: GGUFError.Code, _ what: String, at position: Int) -> GGUFError {
        GGUFError(code, "\(source): \(what) (at byte \(position))")
    }

    /// The error for `count` bytes that are not at hand: the file is too short, or more of it must be read.
    private func shortage(of count: Int, _ field: String) -> GGUFError {
        let (end, overflow) = offset.addingReportingOverflow(count)
        if let fileSize, overflow || end > fileSize {
            return GGUFError(
                .truncated,
                """
                \(source): \(field) at byte \(offset) takes \(count) bytes, but the file has \(fileSize) bytes \
                (truncated? download it again)
                """
            )
        }
        guard !overflow, end <= limit else {
            return fault(.limitExceeded, "\(field) lies beyond the \(limit) bytes that a header may take", at: offset)
        }
        return GGUFError(
            .incomplete, "\(source): the header goes on beyond byte \(bytes.count), in \(field)", neededBytes: end)
    }
}
