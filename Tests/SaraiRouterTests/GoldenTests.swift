import Testing

@testable import SaraiRouter

/// What `training/` computed with the shipped weights, in double precision, to be equalled here.
@Suite("The shipped weights")
struct GoldenTests {
    private struct Vectors: Decodable {
        let texts: [String]
        let vectors: [[Float]]
        let scores: [[Double]]
    }

    private struct Texts: Decodable {
        let texts: [String]
        let scores: [[Double]]
    }

    private func expect(_ scores: RouteScores, _ expected: [Double], _ what: String) throws {
        try #require(expected.count == 3)
        for (score, expected) in zip([scores.hard, scores.soft, scores.webQuery], expected) {
            #expect(abs(score - expected) <= 1e-5, "\(what)")
        }
    }

    @Test("give the scores that the training computed", arguments: [("router.json", false), ("trm.json", true)])
    func heads(_ name: String, _ trm: Bool) throws {
        let golden: Vectors = try GoldenFile.read(name)
        try #require(golden.vectors.count >= 8 && golden.vectors.count == golden.scores.count)
        try #require(golden.texts.count == golden.vectors.count)
        let head = try RouterHeads.shipped.head(trm: trm, file: nil)
        for (index, (vector, expected)) in zip(golden.vectors, golden.scores).enumerated() {
            try #require(vector.count == head.embedding.dimensions)
            try expect(head.scores(vector, text: golden.texts[index]), expected, "\(name), vector \(index)")
        }
    }

    @Test("Mini gives the scores that the training computed")
    func mini() throws {
        let golden: Texts = try GoldenFile.read("mini.json")
        try #require(golden.texts.count >= 8 && golden.texts.count == golden.scores.count)
        let mini = try RouterHeads.shipped.mini.get()
        for (text, expected) in zip(golden.texts, golden.scores) {
            try expect(mini.scores(text), expected, text)
        }
    }
}
