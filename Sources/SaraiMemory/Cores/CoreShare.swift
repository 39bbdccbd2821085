package import SaraiCore

/// One worker's part of the cores, to be shown to people.
package struct CoreShare: Hashable, Sendable {
    /// Whether the worker has work, and whether its process runs.
    package enum State: Hashable, Sendable {
        /// It has no work.
        case resting
        /// It runs. In its burst it goes before those that are not.
        case running(isInBurst: Bool)
        /// It is held, for so long now, until it is its turn.
        case paused(for: Duration)
    }

    /// The worker.
    package let target: TargetID
    /// The most urgent of its kinds of work; `nil` if it rests.
    package let kind: CoreWork?
    /// Cores that it keeps busy while it runs.
    package let threads: Int
    /// Whether it runs.
    package let state: State
    /// What it is entitled to of the cores while all who have work now want all of them, 0…1; 0 while it rests.
    package let entitlement: Double
    /// Core time (seconds times cores) that it had for its work since it was first seen.
    package let used: Duration
}

extension CoreLedger {
    /// Cores that running workers keep busy now; never more than ``cores``.
    package var activeThreads: Int {
        accounts.values.reduce(0) { $0 + ($1.isRunning ? $1.threads : 0) }
    }

    /// Every known worker's part, in the order in which they were first seen.
    package func shares(now: ContinuousClock.Instant) -> [CoreShare] {
        func weight(_ account: CoreAccount) -> Double {
            account.kind == nil ? 0 : 1 / Double(account.cost(policy))
        }
        let total = accounts.values.reduce(0) { $0 + weight($1) }
        return accounts.sorted { $0.value.arrival < $1.value.arrival }.map { target, account in
            var account = account
            account.settle(now: now, policy: policy)
            let state: CoreShare.State =
                switch account.phase {
                case .resting: .resting
                case .running: .running(isInBurst: account.isInBurst)
                case .paused(let since): .paused(for: max(.zero, now - since))
                }
            return CoreShare(
                target: target, kind: account.kind, threads: account.threads, state: state,
                entitlement: account.kind == nil ? 0 : weight(account) / total, used: account.used)
        }
    }
}
