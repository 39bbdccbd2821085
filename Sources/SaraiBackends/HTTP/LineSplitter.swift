import NIOCore

/// Cuts a stream of bytes into lines, however it was cut into pieces on its way.
///
/// Lines end with LF or CR LF; the last one may lack its end. Bytes are not looked at twice.
struct LineSplitter {
    /// The longest line that a server may send, in bytes.
    static let longestLine = 8 << 20

    private var bytes = ByteBuffer()
    /// How many bytes at the front are known to hold no end of a line.
    private var searched = 0

    /// Adds a piece of the stream.
    mutating func append(_ piece: ByteBuffer) {
        bytes.discardReadBytes()
        bytes.writeImmutableBuffer(piece)
    }

    /// Takes the next complete line, without its end.
    ///
    /// - Returns: `nil` until one is complete.
    /// - Throws: ``BackendError`` with `malformedAnswer` for a line that is too long.
    mutating func next() throws(BackendError) -> ByteBuffer? {
        let view = bytes.readableBytesView
        guard let end = view.dropFirst(searched).firstIndex(of: UInt8(ascii: "\n")) else {
            searched = view.count
            guard searched <= Self.longestLine else {
                throw BackendError(.malformedAnswer, "a line of the answer is longer than \(Self.longestLine) bytes")
            }
            return nil
        }
        searched = 0
        let line = bytes.readSlice(length: end - view.startIndex)
        bytes.moveReaderIndex(forwardBy: 1)
        return line.map(Self.withoutReturn)
    }

    /// What came after the last complete line; empty if nothing did.
    var rest: ByteBuffer {
        Self.withoutReturn(bytes)
    }

    private static func withoutReturn(_ line: ByteBuffer) -> ByteBuffer {
        guard line.readableBytesView.last == UInt8(ascii: "\r") else {
            return line
        }
        return line.getSlice(at: line.readerIndex, length: line.readableBytes - 1) ?? line
    }
}
