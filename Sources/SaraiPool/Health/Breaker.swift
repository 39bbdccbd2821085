/// The circuit breaker of one remote target: decides whether requests may go there.
///
/// It goes `closed → open → halfOpen → closed`. A target that failed is ejected (open) for a while that doubles with each
/// ejection in a row. Once that is over and health checks are good, one request may go as a probe (half-open); its end
/// decides. A target that came back gets its requests slowly (``capacity(of:now:)``).
///
/// Requests are long here, so that many begun before an ejection end after it. Their ends say nothing about the target
/// as it is now: ``began(now:)`` gives each request the number of its ``run``, and the ends of earlier runs only show in
/// the report. A client that leaves or runs out of its own time is ``abandoned(run:)``, which never counts against the
/// target.
struct Breaker: Hashable, Sendable {
    /// A moment of the monotonic clock.
    typealias Instant = ContinuousClock.Instant

    /// Whether requests may go there.
    enum State: Hashable, Sendable {
        /// They may. `failures` is how many failed in a row.
        case closed(since: Instant, failures: Int)
        /// None may, not before `until`, and not before `goodChecks` in a row are enough.
        case open(since: Instant, until: Instant, reason: String, goodChecks: Int)
        /// One may, to see how it fares; none while that probe runs.
        case halfOpen(since: Instant, reason: String, isProbing: Bool)
    }

    /// What speaks against the target.
    enum Failure: Hashable, Sendable {
        /// Nobody could be reached there, or nobody answered. One is enough.
        case unreachable
        /// A request went wrong: a server error, a stall, an answer that makes no sense. It takes several in a row.
        case request
        /// The target is there, but not its model. One is enough; a good health check has found the model.
        case missingModel
    }

    /// What a report changed, for events and logs.
    enum Transition: Hashable, Sendable {
        /// No requests go there until `until` at least.
        case ejected(until: Instant, reason: String)
        /// The next request goes there as a probe.
        case halfOpened
        /// Requests go there again.
        case recovered
    }

    /// The latest thing that went wrong.
    struct LastError: Hashable, Sendable {
        /// What it was.
        let reason: String
        /// When it was reported.
        let at: Instant
    }

    /// When it opens, for how long, and how it closes; a new one holds for what comes next.
    var policy: BreakerPolicy
    private(set) var state: State
    /// Ejections so far; a request belongs to the run in which it began.
    private(set) var run: Int
    /// The latest thing that went wrong, also long ago.
    private(set) var lastError: LastError?
    /// Ejections in a row, counting those that time has made forgotten since.
    private var ejections = 0

    /// Makes the breaker of a target of which nothing bad is known: closed, and without a slow start.
    ///
    /// - Parameters:
    ///   - policy: when it opens, for how long, and how it closes.
    ///   - run: the number of its first run; one that takes the place of another goes on counting.
    ///   - now: the time.
    init(policy: BreakerPolicy = BreakerPolicy(), run: Int = 0, now: Instant) {
        self.policy = policy
        self.run = run
        state = .closed(since: now, failures: 0)
    }

    /// Whether requests may go there without being a probe, all of them or, after an ejection, ever more.
    var isClosed: Bool {
        if case .closed = state {
            return true
        }
        return false
    }

    /// Whether one more request may go there now.
    ///
    /// - Parameters:
    ///   - inFlight: requests that run there, of whatever run.
    ///   - capacity: requests that the target takes at the same time when it is well.
    ///   - now: the present.
    /// - Returns: whether it may; if it is sent then, ``began(now:)`` is to be told.
    func admits(inFlight: Int, capacity: Int, now: Instant) -> Bool {
        switch state {
        case .closed: inFlight < self.capacity(of: capacity, now: now)
        case .open: false
        case .halfOpen(_, _, let isProbing): !isProbing && inFlight < capacity
        }
    }

    /// How many new requests the target may have at the same time: none while open, one while half-open, and after that a
    /// number that grows evenly from 1 to `full` during the slow start.
    func capacity(of full: Int, now: Instant) -> Int {
        switch state {
        case .open:
            return 0
        case .halfOpen:
            return min(1, full)
        case .closed(let since, _):
            guard full > 1, let end = slowStartEnd, now < end else {
                return full
            }
            let done = max(0, (now - since) / policy.slowStart)
            return 1 + Int(Double(full - 1) * done)
        }
    }

    /// When the slow start is over; `nil` where there is none because the target was never ejected, or still is.
    var slowStartEnd: Instant? {
        guard case .closed(let since, _) = state, ejections > 0 else {
            return nil
        }
        return since + policy.slowStart
    }

    /// Ejections in a row: 0 once the target has been closed for long enough.
    func ejectionsInARow(now: Instant) -> Int {
        if case .closed(let since, _) = state, now - since >= policy.memory(of: max(1, ejections)) {
            return 0
        }
        return ejections
    }
}

/// What is reported to a breaker.
extension Breaker {
    /// A request that was admitted is sent. While half-open it is the probe.
    ///
    /// - Returns: the run that the request belongs to, for the report of its end.
    mutating func began(now: Instant) -> Int {
        if case .halfOpen(let since, let reason, false) = state {
            state = .halfOpen(since: since, reason: reason, isProbing: true)
        }
        return run
    }

    /// A request ended without a verdict on the target: its client left, or its own time was up. Another may be the probe.
    mutating func abandoned(run: Int) {
        if run == self.run, case .halfOpen(let since, let reason, true) = state {
            state = .halfOpen(since: since, reason: reason, isProbing: false)
        }
    }

    /// A request went well: it ended, or its first token came.
    @discardableResult
    mutating func succeeded(run: Int, now: Instant) -> Transition? {
        guard run == self.run else {
            return nil
        }
        switch state {
        case .closed(let since, _):
            state = .closed(since: since, failures: 0)
            return nil
        case .open:
            return nil
        case .halfOpen:
            state = .closed(since: now, failures: 0)
            return .recovered
        }
    }

    /// A request failed for a reason that speaks against the target.
    @discardableResult
    mutating func failed(_ failure: Failure, reason: String, run: Int, now: Instant) -> Transition? {
        lastError = LastError(reason: reason, at: now)
        guard run == self.run else {
            return nil
        }
        switch state {
        case .closed(let since, let failures):
            guard failure != .request || failures + 1 >= policy.ejectAfter else {
                state = .closed(since: since, failures: failures + 1)
                return nil
            }
            return eject(reason, now: now)
        case .open:
            return nil
        case .halfOpen:
            return eject(reason, now: now)
        }
    }

    /// A health check is done; `failure` says what it found wrong.
    ///
    /// A good one says that the target is there and has its model, not that requests go well: it does not make failed
    /// requests forgotten. A bad one while open puts the end of the ejection off, by the length of a first ejection, so that
    /// a server that was away for long is back soon after it returns.
    @discardableResult
    mutating func checked(failure: String?, now: Instant) -> Transition? {
        if let failure {
            lastError = LastError(reason: failure, at: now)
        }
        switch (state, failure) {
        case (.closed, nil), (.halfOpen, nil):
            return nil
        case (.closed, .some(let failure)), (.halfOpen, .some(let failure)):
            return eject(failure, now: now)
        case (.open(let since, let until, let reason, _), .some):
            let until = max(until, now + policy.ejection(number: 1))
            state = .open(since: since, until: until, reason: reason, goodChecks: 0)
            return nil
        case (.open(let since, let until, let reason, let goodChecks), nil):
            guard now >= until, goodChecks + 1 >= policy.goodChecks(afterEjections: ejections) else {
                state = .open(since: since, until: until, reason: reason, goodChecks: goodChecks + 1)
                return nil
            }
            state = .halfOpen(since: now, reason: reason, isProbing: false)
            return .halfOpened
        }
    }

    private mutating func eject(_ reason: String, now: Instant) -> Transition {
        ejections = ejectionsInARow(now: now) + 1
        run += 1
        let until = now + policy.ejection(number: ejections)
        state = .open(since: now, until: until, reason: reason, goodChecks: 0)
        return .ejected(until: until, reason: reason)
    }
}
