/// Which parts of a file have arrived, and who fetches which of the others.
///
/// The file is divided into pieces of one size. Each is fetched from its start on, so one number per piece tells what is there;
/// a piece that broke off goes on where it did.
struct PieceLedger: Hashable, Sendable {
    /// A part to ask for.
    struct Claim: Hashable, Sendable {
        /// The piece's number.
        let piece: Int
        /// Bytes of the file.
        let range: Range<Int>
    }

    /// Bytes of the file.
    let size: Int
    /// Bytes of each piece but the last.
    let pieceSize: Int
    /// Bytes of each piece that are there.
    private(set) var done: [Int]
    private var claimed: Set<Int> = []

    /// A ledger; `nil` if `done` does not fit the sizes.
    ///
    /// - Parameters:
    ///   - size: bytes of the file, above 0.
    ///   - pieceSize: bytes of each piece, above 0.
    ///   - done: bytes of each piece that are there; `nil` if nothing is.
    init?(size: Int, pieceSize: Int, done: [Int]? = nil) {
        guard size > 0, pieceSize > 0 else {
            return nil
        }
        let count = (size - 1) / pieceSize + 1
        self.size = size
        self.pieceSize = pieceSize
        self.done = done ?? [Int](repeating: 0, count: count)
        guard self.done.count == count, self.done.indices.allSatisfy({ 0...length(of: $0) ~= self.done[$0] }) else {
            return nil
        }
    }

    /// The size of pieces that suits a file: small enough that all connections have work to the end, large enough that
    /// requests are few.
    static func pieceSize(for size: Int, connections: Int) -> Int {
        let fair = size / max(1, connections * 4)
        return min(max(fair, 4 << 20), 64 << 20)
    }

    private func length(of piece: Int) -> Int {
        min(pieceSize, size - piece * pieceSize)
    }

    /// Bytes that are there.
    var completed: Int {
        done.reduce(0, +)
    }

    /// Whether all is there.
    var isComplete: Bool {
        completed == size
    }

    /// Takes the first piece that nobody fetches and that is not there yet.
    mutating func claim() -> Claim? {
        guard let piece = done.indices.first(where: { !claimed.contains($0) && done[$0] < length(of: $0) }) else {
            return nil
        }
        claimed.insert(piece)
        let start = piece * pieceSize
        return Claim(piece: piece, range: start + done[piece]..<start + length(of: piece))
    }

    /// Notes bytes that have been written behind those that were there.
    ///
    /// - Parameters:
    ///   - count: bytes, not more than are missing.
    ///   - piece: the piece, which must be claimed.
    mutating func add(_ count: Int, to piece: Int) {
        done[piece] = min(done[piece] + count, length(of: piece))
    }

    /// Gives a piece back, complete or not.
    mutating func release(_ piece: Int) {
        claimed.remove(piece)
    }

    /// Forgets what is there: the server sends the file from its start only.
    mutating func startOver() {
        done = done.map { _ in 0 }
    }
}
