package import SaraiCore

/// Which workers may use the cores now.
///
/// The threads of a step of inference wait for each other after every node of the graph, so two models on the same cores cost
/// each other far more than their share. Here only workers whose threads together fit the cores run; the others that have work
/// are paused (SIGSTOP) until it is their turn (SIGCONT). A worker without work is never paused: it uses no core, and must
/// answer health checks and be able to end. ``CorePolicy`` says whose turn it is.
///
/// Pure: it has no clock and sends no signals. Every method that may change whose turn it is returns the actions, to be performed
/// in order and at once; ``nextDeadline`` says when ``tick(now:)`` is due.
package struct CoreLedger: Hashable, Sendable {
    /// What is to be done to a worker's process.
    package enum Action: Hashable, Sendable {
        /// Hold it (SIGSTOP).
        case pause(TargetID)
        /// Let it run on (SIGCONT).
        case resume(TargetID)
    }

    /// Cores that all workers together may keep busy.
    package let cores: Int
    /// Whose turn it is.
    package let policy: CorePolicy
    /// When ``tick(now:)`` must be called; `nil` while nothing changes by time alone.
    package internal(set) var nextDeadline: ContinuousClock.Instant?
    /// Every worker that is known, with or without work.
    var accounts: [TargetID: CoreAccount] = [:]
    /// The least virtual time among workers with work, or the last there was: where newcomers start. Never goes back.
    private var virtualNow = Duration.zero
    private var arrivals = 0

    /// A ledger without workers.
    ///
    /// - Parameters:
    ///   - cores: cores that all workers together may keep busy. Taken as at least 1.
    ///   - policy: whose turn it is.
    package init(cores: Int, policy: CorePolicy = CorePolicy()) {
        self.cores = max(1, cores)
        self.policy = policy
    }

    /// Notes that a worker gets a piece of work. To be called before the work reaches it.
    ///
    /// - Parameters:
    ///   - target: the worker.
    ///   - threads: those of one of its steps. More than there are cores count as all cores.
    ///   - kind: what it is about to do.
    ///   - size: its memory, known or estimated; of equal rights, smaller models go first.
    ///   - now: the time.
    /// - Returns: what to do, this worker's own pause included.
    package mutating func begin(
        _ target: TargetID, threads: Int, kind: CoreWork, size: MemorySize, now: ContinuousClock.Instant
    ) -> [Action] {
        settle(now: now)
        var account = accounts[target] ?? newcomer(size: size, now: now)
        account.threads = min(max(1, threads), cores)
        account.size = size
        account.work[kind, default: 0] += 1
        if case .resting(let since) = account.phase {
            account.burst = min(policy.burst * cores, account.burst + max(.zero, now - since) * cores)
            account.virtualTime = max(account.virtualTime, virtualNow)
            account.phase = .running(since: now, .open)
            account.isFresh = true
        }
        accounts[target] = account
        return schedule(now: now)
    }

    /// Notes that a piece of work is over, however it ended. Does nothing if the worker has none of this kind.
    ///
    /// - Returns: what to do. A paused worker whose last work this was runs on.
    package mutating func end(_ target: TargetID, kind: CoreWork, now: ContinuousClock.Instant) -> [Action] {
        guard let account = accounts[target], let count = account.work[kind] else {
            return []
        }
        settle(now: now)
        accounts[target]?.work[kind] = count > 1 ? count - 1 : nil
        guard count == 1, account.work.count == 1 else {
            return schedule(now: now)
        }
        accounts[target]?.phase = .resting(since: now)
        return resumption(of: target, account) + schedule(now: now)
    }

    /// Forgets a worker, whatever work it has: because its process has ended, or so that it can end.
    ///
    /// - Returns: what to do. A paused worker runs on, since it could not end otherwise; a process that is gone does not mind.
    package mutating func gone(_ target: TargetID, now: ContinuousClock.Instant) -> [Action] {
        settle(now: now)
        guard let account = accounts.removeValue(forKey: target) else {
            return []
        }
        return resumption(of: target, account) + schedule(now: now)
    }

    /// Looks whose turn it is now, at ``nextDeadline``. Harmless at any other time.
    package mutating func tick(now: ContinuousClock.Instant) -> [Action] {
        settle(now: now)
        return schedule(now: now)
    }

    private mutating func newcomer(size: MemorySize, now: ContinuousClock.Instant) -> CoreAccount {
        arrivals += 1
        return CoreAccount(
            size: size, threads: 1, phase: .resting(since: now), virtualTime: virtualNow, burst: policy.burst * cores,
            arrival: arrivals)
    }

    private func resumption(of target: TargetID, _ account: CoreAccount) -> [Action] {
        account.isPaused ? [.resume(target)] : []
    }

    /// Counts what all running workers have used until now.
    private mutating func settle(now: ContinuousClock.Instant) {
        let policy = policy
        for target in accounts.keys {
            accounts[target]?.settle(now: now, policy: policy)
        }
        let least = accounts.values.lazy.filter { $0.kind != nil }.map(\.virtualTime).min()
        virtualNow = max(virtualNow, least ?? .zero)
    }
}
