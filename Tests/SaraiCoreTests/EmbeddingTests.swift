import SaraiCore
import Testing

@Suite struct EmbeddingTests {
    private let result = EmbeddingResult(vectors: [[3, 4, 12], [0, 0, 1]], promptTokens: 5)

    @Test func vectorsAreCutAndNormalisedAgain() throws {
        #expect(try result.cut(to: 2) == EmbeddingResult(vectors: [[0.6, 0.8], [0, 0]], promptTokens: 5))
        #expect(try result.cut(to: nil) == result)
        #expect(try result.cut(to: 3).vectors[0] == [3, 4, 12].map { $0 / 13 })
    }

    @Test func theyAreNotMadeLonger() {
        #expect(throws: PoolError.self) { try result.cut(to: 4) }
    }
}
