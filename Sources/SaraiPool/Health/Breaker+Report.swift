extension Breaker {
    /// A breaker at one moment, as snapshots show it.
    struct Report: Hashable, Sendable {
        /// The states' names for those who look from outside.
        enum Name: String, CaseIterable, Hashable, Sendable {
            case closed
            case open
            case halfOpen = "half_open"
            /// Closed again, and still in its slow start.
            case recovering
        }

        let name: Name
        /// When it came to be open, half-open or closed.
        let since: Instant
        /// When the ejection ends at the earliest, or when the slow start is over; `nil` for the other states.
        let until: Instant?
        /// Why the target was ejected; `nil` while closed.
        let reason: String?
        /// The latest thing that went wrong, also long ago.
        let lastError: LastError?
        /// Ejections in a row.
        let ejections: Int
    }

    /// What there is to say about the target now.
    func report(now: Instant) -> Report {
        let (name, since, until, reason): (Report.Name, Instant, Instant?, String?) =
            switch state {
            case .open(let since, let until, let reason, _):
                (.open, since, until, reason)
            case .halfOpen(let since, let reason, _):
                (.halfOpen, since, nil, reason)
            case .closed(let since, _):
                if let end = slowStartEnd, now < end {
                    (.recovering, since, end, nil)
                } else {
                    (.closed, since, nil, nil)
                }
            }
        return Report(
            name: name, since: since, until: until, reason: reason, lastError: lastError,
            ejections: ejectionsInARow(now: now))
    }
}
