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
    /// What the scores come to; `nil` as they are.
    package let labels: RouteLabels?
    /// Who answers.
    package let route: Route
    /// Why, for a person.
    package let reason: String
    /// How long it took.
    package var duration: Duration = .zero
    /// The part of it that the trained head took; the rest is the embedding.
    package var headDuration: Duration?

    /// Whether the scores were too close to call, or there were none, and the default answers for that.
    package var abstained: Bool {
        labels.map { !$0.isSure && !$0.webQuery } ?? true
    }

    /// How much the scores had to say in it, in a word.
    var certainty: String {
        labels == nil ? "unavailable" : abstained ? "unsure" : "sure"
    }

    /// Whether fresh facts are needed.
    package var wantsWeb: Bool {
        labels?.webQuery ?? false
    }

    /// The weight of expert knowledge in the answer, and that of tone; together 1.
    package var weights: (alpha: Double, beta: Double)? {
        scores.map(ControlPlane.weights)
    }
}
