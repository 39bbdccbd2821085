/// What a request needs: three independent, calibrated probabilities, 0…1.
package struct RouteScores: Hashable, Sendable {
    /// Technical reasoning or expert knowledge.
    package let hard: Double
    /// Tone, empathy or creativity.
    package let soft: Double
    /// Facts that are newer than any model.
    package let webQuery: Double

    /// Scores from the three probabilities.
    package init(hard: Double, soft: Double, webQuery: Double) {
        self.hard = hard
        self.soft = soft
        self.webQuery = webQuery
    }

    /// Nothing is known: they stand for no label, and nobody is sure of them.
    package static let unknown = RouteScores(hard: 0.5, soft: 0.5, webQuery: 0.5)
}
