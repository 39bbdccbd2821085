import NIOCore

/// What waits for a client, and when which bytes of it are due.
///
/// A value that reads no clock: the time comes from whoever asks.
struct PacingQueue {
    /// What is to be done now.
    enum Step: Hashable {
        /// Send these bytes, by themselves.
        case write(ByteBuffer)
        /// Nothing before this time.
        case wait(until: NIODeadline)
        /// End what the client gets, after all bytes before.
        case cut(Cut)
        /// Nothing waits.
        case idle
    }

    /// How bytes come that are appended from now on.
    private struct Pace {
        var latency: (milliseconds: Int, jitter: Int)?
        var collectionTime: TimeAmount?
        /// Bytes per write; `nil` writes what there is.
        var pieceSize: Int?
        /// Time from one byte to the next.
        var timePerByte = 0.0
    }

    private enum Entry {
        case bytes(ByteBuffer, due: NIODeadline, Pace)
        case cut(Cut, due: NIODeadline)
    }

    private var entries: CircularBuffer<Entry> = []
    private var pace = Pace()
    private var lastDue = NIODeadline.uptimeNanoseconds(0)
    private var nextPiece = NIODeadline.uptimeNanoseconds(0)
    private var random: SplitMix64
    /// Bytes that wait.
    private(set) var count = 0

    /// An empty queue.
    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    /// Adds what comes next. The end of a response ends its pace, too.
    mutating func append(_ element: ResponseElement, now: NIODeadline) {
        switch element {
        case .pace(let effect): adopt(effect)
        case .cut(let cut): entries.append(.cut(cut, due: max(lastDue, now)))
        case .slice(.end): pace = Pace()
        case .fault: break
        case .slice(let slice):
            guard let bytes = slice.bytes, bytes.readableBytes > 0 else {
                return
            }
            lastDue = due(now: now)
            count += bytes.readableBytes
            entries.append(.bytes(bytes, due: lastDue, pace))
        }
    }

    /// Takes out what is due.
    mutating func next(now: NIODeadline) -> Step {
        switch entries.first {
        case nil: return .idle
        case .cut(let cut, let due):
            let due = max(due, nextPiece)
            if due > now {
                return .wait(until: due)
            }
            entries.removeFirst()
            return .cut(cut)
        case .bytes(let bytes, let due, let pace):
            let due = max(due, nextPiece)
            if due > now {
                return .wait(until: due)
            }
            entries.removeFirst()
            let write = pace.collectionTime == nil ? piece(of: bytes, due: due, pace) : collect(bytes, now: now)
            count -= write.readableBytes
            return .write(write)
        }
    }

    private mutating func adopt(_ effect: Fault.Effect) {
        switch effect {
        case .latency(let milliseconds, let jitter): pace.latency = (milliseconds, jitter)
        case .coalesce(let milliseconds): pace.collectionTime = .milliseconds(Int64(milliseconds))
        case .split: pace.pieceSize = 1
        case .slowLoris(let milliseconds):
            pace.pieceSize = 1
            pace.timePerByte = Double(milliseconds) * 1e6
        case .bandwidth(let bytesPerSecond):
            // A hundred writes a second: fine enough to look even, coarse enough for high rates.
            pace.pieceSize = pace.pieceSize ?? max(1, bytesPerSecond / 100)
            pace.timePerByte = 1e9 / Double(bytesPerSecond)
        default: break
        }
    }

    /// When bytes that are appended now may go, never before those in front of them.
    private mutating func due(now: NIODeadline) -> NIODeadline {
        if let collectionTime = pace.collectionTime {
            return lastDue > now ? lastDue : now + collectionTime
        }
        guard let (milliseconds, jitter) = pace.latency else {
            return max(lastDue, now)
        }
        let delay = max(0, milliseconds + Int.random(in: -jitter...jitter, using: &random))
        return max(lastDue, now + .milliseconds(Int64(delay)))
    }

    /// The first piece of bytes; what is left waits in front.
    private mutating func piece(of bytes: ByteBuffer, due: NIODeadline, _ pace: Pace) -> ByteBuffer {
        var bytes = bytes
        guard let size = pace.pieceSize, let piece = bytes.readSlice(length: min(size, bytes.readableBytes)) else {
            return bytes
        }
        nextPiece = due + .nanoseconds(Int64(pace.timePerByte * Double(piece.readableBytes)))
        if bytes.readableBytes > 0 {
            entries.prepend(.bytes(bytes, due: due, pace))
        }
        return piece
    }

    /// Everything that was collected until now.
    private mutating func collect(_ bytes: ByteBuffer, now: NIODeadline) -> ByteBuffer {
        var collected = bytes
        while case .bytes(let more, let due, _) = entries.first, due <= now {
            collected.writeImmutableBuffer(more)
            entries.removeFirst()
        }
        return collected
    }
}
