/// How often and how fast a worker that fails is started again.
///
/// The first failure after a good run is answered at once; then each one doubles the wait. After
/// ``maximumFailures`` in a row the model is reported as failed and left alone until ``pardon`` has passed or somebody
/// loads it by hand.
struct RestartPolicy: Hashable, Sendable {
    /// Wait after the second failure in a row.
    var initialDelay: Duration = .milliseconds(500)
    /// Wait at most.
    var maximumDelay: Duration = .seconds(30)
    /// Failures in a row after which the model is reported as failed.
    var maximumFailures = 5
    /// A run of this length makes earlier failures forgotten.
    var goodRun: Duration = .seconds(60)
    /// How long a failed model is left alone.
    var pardon: Duration = .seconds(300)

    /// What to do after a number of failures in a row.
    enum Verdict: Hashable, Sendable {
        case retry(after: Duration)
        case giveUp
    }

    /// The verdict on `failures` failures in a row, 1 and up.
    func verdict(failures: Int) -> Verdict {
        guard failures < maximumFailures else {
            return .giveUp
        }
        guard failures > 1 else {
            return .retry(after: .zero)
        }
        let delay = initialDelay * (1 << (failures - 2))
        return .retry(after: min(delay, maximumDelay))
    }
}
