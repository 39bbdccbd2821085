import SaraiCore

/// What the ledger knows about one worker.
struct CoreAccount: Hashable {
    /// Why a running worker may keep its cores.
    enum Turn: Hashable {
        /// It uses what is left over, or its burst: nothing is promised.
        case open
        /// It is its turn until then.
        case quantum(until: ContinuousClock.Instant)
        /// It had waited too long: nobody takes the cores from it until then.
        case overdue(until: ContinuousClock.Instant)
    }

    /// Whether the worker has work, and whether its process runs.
    enum Phase: Hashable {
        /// It has no work. Its process runs, but uses no core.
        case resting(since: ContinuousClock.Instant)
        /// Its use is counted up to `since`.
        case running(since: ContinuousClock.Instant, Turn)
        case paused(since: ContinuousClock.Instant)
    }

    /// What orders workers of equal rights: a smaller model is sooner done.
    var size: MemorySize
    /// Cores it keeps busy while it runs, at least 1.
    var threads: Int
    /// Running pieces of work by kind; no zeros.
    var work: [CoreWork: Int] = [:]
    /// Whether it has work, and whether it runs.
    var phase: Phase
    /// Core time that orders fair shares: real time for text, more for background work.
    var virtualTime: Duration
    /// Core time used since the worker was first seen.
    var used = Duration.zero
    /// Core time that is left of the burst.
    var burst: Duration
    /// Whether its work has not had a turn yet, other than its burst.
    var isFresh = false
    /// Decides where nothing else does; unique.
    let arrival: Int

    /// The most urgent of its kinds of work; `nil` if it has none.
    var kind: CoreWork? {
        work.keys.min { $0.rawValue < $1.rawValue }
    }

    /// Whether it has work and its process is held.
    var isPaused: Bool {
        if case .paused = phase { true } else { false }
    }

    /// Whether it has work and its process runs.
    var isRunning: Bool {
        if case .running = phase { true } else { false }
    }

    /// How many times its core time counts.
    func cost(_ policy: CorePolicy) -> Int {
        kind == .background ? policy.backgroundCost : 1
    }

    /// Whether it goes before workers that have used up their bursts.
    var isInBurst: Bool {
        burst > .zero && kind != .background
    }

    /// Whether others' quanta do not hold against it.
    var isNew: Bool {
        isFresh && !isInBurst
    }

    /// Counts the core time that a running worker has used until now.
    mutating func settle(now: ContinuousClock.Instant, policy: CorePolicy) {
        guard case .running(let since, let turn) = phase, now > since else {
            return
        }
        let coreTime = (now - since) * threads
        used += coreTime
        virtualTime += coreTime * cost(policy)
        burst -= coreTime
        if burst < policy.sliver * threads {
            burst = .zero
        }
        phase = .running(since: now, turn)
    }
}
