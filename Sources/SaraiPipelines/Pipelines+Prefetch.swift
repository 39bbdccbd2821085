import SaraiConfiguration
import SaraiCore
import SaraiPool
import SaraiRouter

/// Models that are loaded before they are asked for.
extension Pipelines {
    /// Loads what the request that somebody is still typing will probably need.
    ///
    /// Costs next to nothing where that is there already, so it may be called at each key. What does not fit beside the models
    /// that are loaded is left alone: a guess is not worth an eviction.
    ///
    /// - Parameter text: what is there of the request.
    /// - Returns: what the text seems to need, and the models that are being loaded for it.
    /// - Throws: ``SaraiCore/PoolError`` where the weights that come with Sarai cannot be read.
    package func prefetch(_ text: String) throws -> PrefetchAnswer {
        let scores = try router.scoreEarly(text)
        let configuration = pool.configuration
        let (route, reason) = router.controlPlane(for: configuration).route(RouteLabels(scores))
        let models: [ModelName] =
            switch route {
            case .model(let reference): [configuration.model(reference)?.name].compactMap(\.self)
            case .pipeline(let name): (try? configuration.pipeline(name).uses(in: configuration).needed) ?? []
            }
        let loading = models.filter { pool.warm($0) }
        return PrefetchAnswer(
            hard: scores.hard.rounded(to: 4), soft: scores.soft.rounded(to: 4),
            webQuery: scores.webQuery.rounded(to: 4), reason: reason,
            models: models.map(\.rawValue), loading: loading.map(\.rawValue))
    }
}

/// What a text that is still being typed seems to need.
package struct PrefetchAnswer: Codable, Hashable, Sendable {
    /// The need for technical or specialist knowledge, 0…1.
    package let hard: Double
    /// The need for tone, empathy or invention, 0…1.
    package let soft: Double
    /// The need for fresh facts, 0…1.
    package let webQuery: Double
    /// Why these models, for a person.
    package let reason: String
    /// The models that will be needed.
    package let models: [String]
    /// Those of them that are being loaded because of this.
    package let loading: [String]

    private enum CodingKeys: String, CodingKey {
        case hard, soft, reason, models, loading
        case webQuery = "web_query"
    }
}
