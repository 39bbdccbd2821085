import Testing

@testable import SaraiHub

@Suite("Which parts of a file are fetched next")
struct PieceLedgerTests {
    @Test func piecesAreClaimedOnceAndInOrder() throws {
        var pieces = try #require(PieceLedger(size: 25, pieceSize: 10))
        let claims = (0..<3).compactMap { _ in pieces.claim() }
        #expect(claims.map(\.range) == [0..<10, 10..<20, 20..<25])
        #expect(pieces.claim() == nil)
    }

    @Test func whatBrokeOffGoesOnWhereItWas() throws {
        var pieces = try #require(PieceLedger(size: 25, pieceSize: 10))
        let claim = pieces.claim()
        let first = try #require(claim)
        pieces.add(4, to: first.piece)
        #expect(pieces.claim()?.range == 10..<20, "a piece that is being fetched is nobody else's")
        pieces.release(first.piece)
        #expect(pieces.claim()?.range == 4..<10)
    }

    @Test func itIsCompleteWhenEveryByteIsThere() throws {
        var pieces = try #require(PieceLedger(size: 25, pieceSize: 10))
        while let claim = pieces.claim() {
            #expect(!pieces.isComplete)
            pieces.add(claim.range.count, to: claim.piece)
            pieces.release(claim.piece)
        }
        #expect(pieces.isComplete && pieces.completed == 25)
        pieces.startOver()
        #expect(pieces.completed == 0)
        #expect(pieces.claim()?.range == 0..<10)
    }

    @Test(
        "what contradicts itself is no ledger",
        arguments: [
            (25, 10, [10, 10]), (25, 10, [10, 10, 6]), (25, 10, [-1, 0, 0]), (25, 10, [11, 0, 0]), (0, 10, []),
            (25, 0, []),
            (-5, 10, [0]), (25, .min, [0]),
        ])
    func contradictions(size: Int, pieceSize: Int, done: [Int]) {
        #expect(PieceLedger(size: size, pieceSize: pieceSize, done: done) == nil)
    }

    @Test func piecesAreFewForLargeFilesAndEnoughForAllConnections() {
        #expect(PieceLedger.pieceSize(for: 1, connections: 4) == 4 << 20)
        #expect(PieceLedger.pieceSize(for: 256 << 20, connections: 4) == 16 << 20)
        #expect(PieceLedger.pieceSize(for: 40 << 30, connections: 4) == 64 << 20)
    }

    @Test(
        "any order of failures brings every byte exactly once", arguments: 0..<20)
    func property(seed: UInt64) throws {
        var random = Generator(state: seed)
        let size = Int.random(in: 1...5000, using: &random)
        var pieces = try #require(PieceLedger(size: size, pieceSize: Int.random(in: 1...700, using: &random)))
        var written = [Int](repeating: 0, count: size)
        var open: [(piece: Int, range: Range<Int>)] = []
        while !pieces.isComplete {
            if open.count < 3, let claim = pieces.claim() {
                open.append((claim.piece, claim.range))
            }
            let index = Int.random(in: open.indices, using: &random)
            let count = Int.random(in: 0...open[index].range.count, using: &random)
            for byte in open[index].range.prefix(count) {
                written[byte] += 1
            }
            pieces.add(count, to: open[index].piece)
            // Complete or broken off: given back either way.
            pieces.release(open[index].piece)
            open.remove(at: index)
        }
        #expect(written.allSatisfy { $0 == 1 })
    }

    /// SplitMix64: the same numbers for the same seed.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}
