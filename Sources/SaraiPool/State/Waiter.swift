package import SaraiCore

/// A request that has not got a target yet.
struct Waiter: Sendable {
    /// Identifies it towards whoever waits.
    let id: Int
    let model: ModelName
    let needs: Needs
    /// Whose request it is, for fair turns.
    var client = ""
    /// Whether it was taken in before: a target has begun with it already, and failed, or it is a step of something larger.
    var isUnderWay = false
    /// Targets that are out of the question for this request, and why: it failed there, or there was no memory.
    var excluded: [TargetID: Exclusion]
    /// How long the model is to stay loaded afterwards; `nil` is as configured.
    var keepAlive: KeepAlive?
    /// When it began to wait.
    let since: ContinuousClock.Instant
    /// When it gives up.
    let deadline: ContinuousClock.Instant
}

/// Why a target is out of the question for a request.
struct Exclusion: Hashable, Sendable {
    /// In a few words, for the route header.
    let reason: String
    /// In a sentence, for the error.
    let message: String
    /// Whether it is for want of memory.
    var isForMemory = false
    /// Whether the target cannot do what is asked at all.
    var isUnsupported = false
}

/// A target found for a request.
package struct Route: Hashable, Sendable {
    /// The target that answers.
    package let target: TargetID
    /// `preferred`, or why the preferred one does not answer: the value of `X-Sarai-Route`.
    package let reason: String
    /// Which of the target's workers it is, or which run of its breaker.
    var run = 0
    /// Whose request it is.
    var client = ""
    /// How long the request waited for a slot or a load.
    package var waited: Duration = .zero
    /// What a pipeline did until this target answered; `nil` where there is none.
    package var pipeline: PipelineReport?
}
