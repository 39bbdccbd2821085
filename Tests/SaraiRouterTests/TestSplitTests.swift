import Foundation
import Testing

@testable import SaraiRouter

/// The figures of `docs/router.md`, measured again here on the whole test split.
@Suite("The test split")
struct TestSplitTests {
    /// The file `test-split.json`.
    private struct Split: Decodable {
        let dimension: Int
        let rows: [Row]
        /// Of all rows, as little-endian 16-bit floats in base64.
        let vectors: Data
        /// What `docs/router.md` calls the heads.
        let names: [String: String]
        /// Per weights and language.
        let expected: [String: [String: Figures]]
    }

    private struct Row: Decodable {
        let source: String
        let line: Int
        let language: String
        let hard: Int
        let soft: Int
        let web: Int

        enum CodingKeys: String, CodingKey {
            case source, line, language, hard, soft
            case web = "web_query"
        }
    }

    private struct Figures: Decodable {
        let macroF1: Double
        let calibrationError: Double
        let accuracy: Double
        let webRecall: Double
        let abstained: Double

        enum CodingKeys: String, CodingKey {
            case macroF1 = "macro_f1"
            case calibrationError = "ece"
            case accuracy, abstained
            case webRecall = "web_recall"
        }
    }

    @Test("the heads reach the figures that are published", arguments: [("router", false), ("trm", true)])
    func heads(_ name: String, _ trm: Bool) throws {
        let split: Split = try GoldenFile.read("test-split.json")
        let head = try RouterHeads.shipped.head(trm: trm, file: nil)
        try #require(split.dimension == head.embedding.dimensions)
        try #require(split.vectors.count == 2 * split.dimension * split.rows.count)
        let floats = split.vectors.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 2).map { offset in
                Float(Float16(bitPattern: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
            }
        }
        let scores = try zip(split.rows.indices, texts(of: split)).map { row, text in
            head.scores(Array(floats[row * split.dimension..<(row + 1) * split.dimension]), text: text)
        }
        try compare(name, split, scores)
        for language in ["es", "en"] {
            let expected = try #require(split.expected[name]?[language])
            let rows = zip(split.rows, scores).filter { $0.0.language == language }
            let web = rows.map { Decision(score: $0.1.webQuery, truth: $0.0.web) }
            // One request more or fewer, where two scores are nearly the same.
            #expect(abs(Self.recall(web, precision: 0.85) - expected.webRecall) < 0.011, "\(name) \(language)")
            let unsure = rows.count { !head.labels(of: $0.1).isSure }
            #expect(abs(Double(unsure) / Double(rows.count) - expected.abstained) < 4e-3, "\(name) \(language)")
        }
    }

    @Test("the page has the figures of these weights", arguments: ["router", "trm"])
    func page(_ name: String) throws {
        let split: Split = try GoldenFile.read("test-split.json")
        let lines = try GoldenFile.page("router.md").split(separator: "\n")
        let title = try #require(split.names[name])
        let first = try #require(lines.firstIndex { $0.hasPrefix("| \(title) | es |") })
        for (line, language) in zip(lines[first...], ["es", "en"]) {
            let figures = try #require(split.expected[name]?[language])
            let cells = [figures.macroF1, figures.webRecall, figures.calibrationError].map {
                String(format: "%.3f", $0)
            }
            #expect(line.contains("| \(language) | \(cells.joined(separator: " | ")) |"))
        }
    }

    @Test("Mini reaches the figures that are published")
    func mini() throws {
        let split: Split = try GoldenFile.read("test-split.json")
        let mini = try RouterHeads.shipped.mini.get()
        try compare("mini", split, try texts(of: split).map { mini.scores($0) })
    }

    /// The texts of all rows, from the training data.
    private func texts(of split: Split) throws -> [String] {
        var sources: [String: [String]] = [:]
        return try split.rows.map { row in
            if sources[row.source] == nil {
                sources[row.source] = try GoldenFile.texts(source: row.source)
            }
            let lines = try #require(sources[row.source])
            try #require(lines.indices.contains(row.line - 1))
            return lines[row.line - 1]
        }
    }

    private func compare(_ name: String, _ split: Split, _ scores: [RouteScores]) throws {
        for language in ["es", "en"] {
            let rows = zip(split.rows, scores).filter { $0.0.language == language }
            try #require(rows.count >= 100)
            let expected = try #require(split.expected[name]?[language])
            let labels: [[Decision]] = [
                rows.map { Decision(score: $0.1.hard, truth: $0.0.hard) },
                rows.map { Decision(score: $0.1.soft, truth: $0.0.soft) },
                rows.map { Decision(score: $0.1.webQuery, truth: $0.0.web) },
            ]
            let all = labels.joined()
            let macroF1 = labels.map(Self.f1).reduce(0, +) / 3
            let accuracy = Double(all.count(where: \.isRight)) / Double(all.count)
            // One score at the very threshold may fall to the other side in single precision.
            #expect(abs(macroF1 - expected.macroF1) < 2e-3, "\(name) \(language)")
            #expect(abs(accuracy - expected.accuracy) < 2e-3, "\(name) \(language)")
            #expect(abs(Self.calibrationError(Array(all)) - expected.calibrationError) < 2e-3, "\(name) \(language)")
        }
    }

    /// One label of one request.
    private struct Decision {
        let score: Double
        let truth: Int

        var isGiven: Bool { score >= 0.5 }
        var isRight: Bool { isGiven == (truth == 1) }
    }

    /// The harmonic mean of precision and recall.
    private static func f1(_ decisions: [Decision]) -> Double {
        let right = decisions.count { $0.isGiven && $0.truth == 1 }
        let given = decisions.count(where: \.isGiven)
        let labelled = decisions.count { $0.truth == 1 }
        return 2 * Double(right) / Double(max(1, given + labelled))
    }

    /// The greatest recall that any threshold with at least this precision reaches.
    private static func recall(_ decisions: [Decision], precision: Double) -> Double {
        let labelled = decisions.count { $0.truth == 1 }
        var (given, right, best) = (0, 0, 0)
        let sorted = decisions.sorted { $0.score > $1.score }
        for (index, decision) in sorted.enumerated() {
            given += 1
            right += decision.truth
            // A threshold is never between equal scores.
            let isLast = index + 1 == sorted.count || sorted[index + 1].score < decision.score
            if isLast, Double(right) >= precision * Double(given) {
                best = max(best, right)
            }
        }
        return Double(best) / Double(labelled)
    }

    /// The expected calibration error with ten bins of equal width.
    private static func calibrationError(_ decisions: [Decision]) -> Double {
        let bins = Dictionary(grouping: decisions) { min(9, Int($0.score * 10)) }
        let gaps = bins.values.map { bin in abs(bin.reduce(0) { $0 + $1.score - Double($1.truth) }) }
        return gaps.reduce(0, +) / Double(decisions.count)
    }
}
