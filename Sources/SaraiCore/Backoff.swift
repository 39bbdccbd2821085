/// How long to wait before a retry: any time up to a limit that doubles (full jitter), so that requests that failed
/// together do not come back together.
package struct Backoff: Hashable, Sendable {
    /// The limit before the first retry.
    package var base: Duration
    /// The limit at most.
    package var cap: Duration

    /// A schedule.
    package init(base: Duration = .milliseconds(50), cap: Duration = .seconds(2)) {
        self.base = base
        self.cap = cap
    }

    /// The wait before a retry.
    ///
    /// - Parameters:
    ///   - attempt: the retry's number, 0 and up.
    ///   - random: a number drawn evenly from 0..<1.
    /// - Returns: `random` of the limit.
    package func delay(attempt: Int, random: Double) -> Duration {
        // 2³⁰ times any useful base is beyond any useful limit, and far from overflow.
        min(cap, base * (1 << min(attempt, 30))) * random
    }
}
