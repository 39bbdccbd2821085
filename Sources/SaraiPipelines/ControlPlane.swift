import SaraiConfiguration
import SaraiCore
import SaraiRouter

/// Decides from the router's scores who answers. Pure.
///
/// It names only who is there: a configuration may have any models, and the router must never be the reason for an error.
struct ControlPlane {
    /// The models.
    let configuration: Configuration
    /// Whether a pipeline of this name exists, and its models are available together.
    let offers: (String) -> Bool

    /// Keeps the weights of a request that needs neither from being thrown by tiny differences.
    static let evenness = 0.1

    /// The share that expert knowledge has in a good answer, and the share that tone has: α and β, together 1.
    ///
    /// α = (hard + ε) / (hard + soft + 2ε), with ε = ``evenness``: ½ for a request that needs neither.
    static func weights(_ scores: RouteScores) -> (alpha: Double, beta: Double) {
        let alpha = (scores.hard + evenness) / (scores.hard + scores.soft + 2 * evenness)
        return (alpha, 1 - alpha)
    }

    /// Who answers a request of text.
    func route(_ labels: RouteLabels) -> (route: RouteDecision.Route, reason: String) {
        if labels.webQuery {
            if configuration.search.url != nil, offers("search") {
                return (.pipeline(PipelineName("search")), "it needs fresh facts")
            }
            // Without a search the one who knows most is the least likely to be wrong.
            let obstacle =
                configuration.search.url == nil ? "searching is off (search.url)" : "the pipeline search is not offered"
            return (.model(writer(.expert)), "it needs fresh facts, but \(obstacle)")
        }
        guard labels.isSure else {
            return (fallback, "the router is not sure")
        }
        switch (labels.hard, labels.soft) {
        case (true, true) where offers("tone"):
            return (.pipeline(PipelineName("tone")), "it needs knowledge and a tone")
        case (true, _):
            return (.model(writer(.expert)), "it needs knowledge")
        case (false, true):
            return (.model(writer(.small)), "it needs a tone")
        case (false, false):
            return (.model(writer(.small)), "it needs neither knowledge nor a tone")
        }
    }

    /// Who answers where there are no scores to go by.
    var fallback: RouteDecision.Route {
        let wanted = configuration.router.fallback
        return .model(configuration.model(wanted) == nil ? writer(.expert) : wanted)
    }

    /// The role of the model that writes, or the nearest to it that some model has.
    private func writer(_ wanted: ModelConfiguration.Role) -> ModelReference {
        let roles = [wanted, .expert, .small, .general, .omni]
        return .role(roles.first { configuration.model(.role($0)) != nil } ?? wanted)
    }
}
