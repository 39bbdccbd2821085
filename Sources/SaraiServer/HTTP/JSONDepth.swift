#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
import NIOCore

/// How deep the values of a JSON text lie in each other.
///
/// Decoders call themselves for each level, so a body of brackets alone could exhaust the stack of whoever reads it. This
/// looks at the brackets only, and leaves it to the decoder whether they make sense.
enum JSONDepth {
    /// Far more than any request needs, schemas of tools included.
    static let limit = 96

    /// Whether a text has more levels than `limit`.
    static func exceeds(_ limit: Int, in text: ByteBuffer) -> Bool {
        text.withUnsafeReadableBytes { exceeds(limit, in: $0) }
    }

    private static func exceeds(_ limit: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
        var depth = 0
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                if depth > limit {
                    return true
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
            case UInt8(ascii: "\""):
                index = endOfString(from: index + 1, in: bytes)
            default: break
            }
            index += 1
        }
        return false
    }

    /// Where the quote stands that ends a string, or the text ends. Pictures are strings of millions of bytes, which the C
    /// library passes over faster than a loop would.
    private static func endOfString(from start: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        var start = start
        while start < bytes.count, let base = bytes.baseAddress,
            let quote = memchr(base + start, CInt(UInt8(ascii: "\"")), bytes.count - start)
        {
            let position = UnsafeRawPointer(quote) - base
            // A quote behind an odd number of backslashes is part of the string.
            let backslashes = bytes[start..<position].reversed().prefix { $0 == UInt8(ascii: "\\") }.count
            guard !backslashes.isMultiple(of: 2) else {
                return position
            }
            start = position + 1
        }
        return bytes.count
    }
}
