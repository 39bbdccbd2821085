import NIOCore

/// What the mock answers to one request.
enum MockReply: Hashable {
    /// One document.
    case whole(Document)
    /// Events, one after the other.
    case stream(Stream)

    /// One document.
    struct Document: Hashable {
        var status = 200
        var retryAfter: Int?
        /// JSON.
        var body: ByteBuffer
        /// Time before it comes.
        var delay = TimeAmount.zero
    }

    /// Events, one after the other.
    struct Stream: Hashable {
        var contentType: String
        /// What comes before the first piece, together with it.
        var opening: ByteBuffer
        var pieces: [ByteBuffer]
        /// What comes right after the last piece.
        var closing: ByteBuffer
    }
}
