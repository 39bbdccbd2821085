package import SaraiCore

/// A model as the plan sees it: one target, and what that would take.
package struct PlannedModel: Hashable, Sendable {
    /// What is known about a target's memory before it is loaded.
    package enum Prediction: Hashable, Sendable {
        /// Served by another machine: takes nothing here.
        case remote
        /// Served here.
        case local(Footprint)
        /// Served here, but how much it takes cannot be said: the file is missing or broken. Holds the reason.
        case unknown(String)
    }

    /// The model's name.
    package var name: ModelName
    /// The target that is planned for it.
    package var target: TargetID
    /// What it takes.
    package var prediction: Prediction
    /// Whether the plan may leave it out where it does not fit.
    package var isBestEffort: Bool
    /// Whether it counts towards the number of text models.
    package var isLLM: Bool

    /// A model with a target.
    package init(
        name: ModelName, target: TargetID, prediction: Prediction, isBestEffort: Bool = false, isLLM: Bool = true
    ) {
        self.name = name
        self.target = target
        self.prediction = prediction
        self.isBestEffort = isBestEffort
        self.isLLM = isLLM
    }
}
