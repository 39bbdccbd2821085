import SaraiConfiguration
import SaraiCore
import SaraiRouter

/// A decision of the router as clients see it.
package struct RouteAnswer: Codable, Hashable, Sendable {
    /// The need for technical or specialist knowledge, 0…1; `nil` where the router could not be asked.
    package let hard: Double?
    /// The need for tone, empathy or invention, 0…1.
    package let soft: Double?
    /// The need for fresh facts, 0…1.
    package let webQuery: Double?
    /// The weight of knowledge in the answer; with ``beta`` it is 1.
    package let alpha: Double?
    /// The weight of tone in the answer.
    package let beta: Double?
    /// Whether the router was not sure, so that the default answers.
    package let abstained: Bool
    /// Who answers: a pipeline, or the name or role of a model.
    package let pipeline: String
    /// Why, for a person.
    package let reason: String
    /// What the decision took, in milliseconds.
    package let milliseconds: Double
    /// The part of it that the trained head took; the rest is the embedding.
    package let headMilliseconds: Double?

    /// Shows a decision.
    package init(_ decision: RouteDecision) {
        hard = decision.scores?.hard.rounded(to: 4)
        soft = decision.scores?.soft.rounded(to: 4)
        webQuery = decision.scores?.webQuery.rounded(to: 4)
        alpha = decision.weights?.alpha.rounded(to: 4)
        beta = decision.weights?.beta.rounded(to: 4)
        abstained = decision.abstained
        reason = decision.reason
        milliseconds = (decision.duration.seconds * 1000).rounded(to: 3)
        headMilliseconds = decision.headDuration.map { ($0.seconds * 1000).rounded(to: 4) }
        pipeline = decision.route.name
    }

    private enum CodingKeys: String, CodingKey {
        case hard, soft, alpha, beta, abstained, pipeline, reason, milliseconds
        case webQuery = "web_query"
        case headMilliseconds = "head_milliseconds"
    }
}
