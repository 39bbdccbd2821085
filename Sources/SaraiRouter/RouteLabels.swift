/// What a request needs, as far as its scores tell: which of them count as given, and whether that is sure.
package struct RouteLabels: Hashable, Sendable {
    /// Technical reasoning or expert knowledge.
    package let hard: Bool
    /// Tone, empathy or creativity.
    package let soft: Bool
    /// Facts that are newer than any model.
    package let webQuery: Bool
    /// Whether neither `hard` nor `soft` is too close to call.
    ///
    /// `webQuery` has a threshold on the safe side instead: an answer without the facts that it needs is worse than a
    /// search that was not needed.
    package let isSure: Bool

    /// From this score on `hard` and `soft` count as given.
    package static let threshold = 0.5

    /// Labels of calibrated scores.
    ///
    /// - Parameters:
    ///   - scores: of a text; those that say nothing give no label, and are not sure.
    ///   - webThreshold: from this score on `webQuery` counts as given.
    ///   - margin: within this distance of ``threshold`` a score is too close to call.
    package init(_ scores: RouteScores, webThreshold: Double = threshold, margin: Double = 0) {
        let isKnown = scores != .unknown
        hard = isKnown && scores.hard >= Self.threshold
        soft = isKnown && scores.soft >= Self.threshold
        webQuery = isKnown && scores.webQuery >= webThreshold
        isSure = isKnown && [scores.hard, scores.soft].allSatisfy { abs($0 - Self.threshold) > margin }
    }
}
