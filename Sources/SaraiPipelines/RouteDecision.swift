package import SaraiConfiguration
import SaraiCore
package import SaraiRouter

/// Who answers a request, and why.
package struct RouteDecision: Sendable {
    /// Who answers.
    package enum Route: Hashable, Sendable {
        /// One model alone.
        case model(ModelReference)
        /// Several models.
        case pipeline(PipelineName)

        /// A pipeline's name, or the name or role of a model.
        package var name: String {
            switch self {
            case .pipeline(let name): name.rawValue
            case .model(.role(let role)): role.rawValue
            case .model(.name(let model)): model.rawValue
            }
        }
    }

    /// What the request needs; `nil` where the router could not be asked.
    package let scores: RouteScores?
    /// Whether the scores are too close to call.
    package let abstained: Bool
    /// Who answers.
    package let route: Route
    /// Why, for a person.
    package let reason: String
    /// How long it took.
    package var duration: Duration = .zero
    /// The part of it that the trained head took; the rest is the embedding.
    package var headDuration: Duration?

    /// How much the scores had to say in it, in a word.
    var certainty: String {
        scores == nil ? "unavailable" : abstained ? "unsure" : "sure"
    }

    /// Whether fresh facts are needed.
    package var wantsWeb: Bool {
        (scores?.webQuery ?? 0) >= ControlPlane.threshold
    }

    /// The weight of expert knowledge in the answer, and that of tone; together 1.
    package var weights: (alpha: Double, beta: Double)? {
        scores.map(ControlPlane.weights)
    }
}
