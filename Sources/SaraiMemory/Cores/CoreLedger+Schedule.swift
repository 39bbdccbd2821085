import SaraiCore

extension CoreLedger {
    /// The order in which workers with work get cores: first by tier, then by the figures that follow.
    private struct Rank: Comparable {
        /// The rules of the policy, in the order in which they hold.
        enum Tier: Int {
            case overdueTurn, overdue, embeddingBurst, burst, fairTurn, fair
        }

        let tier: Tier
        let order: Duration
        let isNew: Bool
        let size: MemorySize
        let arrival: Int

        static func < (lhs: Rank, rhs: Rank) -> Bool {
            (lhs.tier.rawValue, lhs.order, lhs.isNew ? 0 : 1, lhs.size, lhs.arrival)
                < (rhs.tier.rawValue, rhs.order, rhs.isNew ? 0 : 1, rhs.size, rhs.arrival)
        }
    }

    /// Gives the cores to the workers that come first, and whatever they leave to those behind that fit in.
    ///
    /// - Returns: pauses, then resumptions, so that there are never too many threads in between.
    mutating func schedule(now: ContinuousClock.Instant) -> [Action] {
        let contenders = accounts.filter { $0.value.kind != nil }
        let newest = contenders.values.lazy.filter(\.isNew).map(\.virtualTime).min()
        let order = contenders.map {
            (target: $0.key, rank: rank($0.value, of: contenders.count, newest: newest, now: now))
        }.sorted { $0.rank < $1.rank }
        var free = cores
        var isLeftover = false
        var pauses: [Action] = []
        var resumptions: [Action] = []
        for (target, rank) in order {
            guard var account = contenders[target] else {
                continue
            }
            let fits = account.threads <= free
            if fits {
                free -= account.threads
                if account.isPaused {
                    resumptions.append(.resume(target))
                }
                account.phase = .running(since: now, turn(account, rank.tier, isLeftover: isLeftover, now: now))
                account.isFresh = account.isFresh && account.isInBurst
            } else {
                isLeftover = true
                if account.isRunning {
                    pauses.append(.pause(target))
                    account.phase = .paused(since: now)
                }
            }
            accounts[target] = account
        }
        nextDeadline = deadline(now: now)
        return pauses + resumptions
    }

    private func rank(
        _ account: CoreAccount, of count: Int, newest: Duration?, now: ContinuousClock.Instant
    ) -> Rank {
        func rank(_ tier: Rank.Tier, _ order: Duration = .zero) -> Rank {
            Rank(tier: tier, order: order, isNew: account.isNew, size: account.size, arrival: account.arrival)
        }
        switch account.phase {
        case .running(_, .overdue(let until)) where until > now: return rank(.overdueTurn)
        case .paused(let since) where now >= overdue(since: since, of: count): return rank(.overdue, since - now)
        default: break
        }
        if account.isInBurst {
            return rank(account.kind == .embedding ? .embeddingBurst : .burst)
        }
        // A quantum does not hold against new work, of which `newest` has used the least: a short request would wait
        // a quantum for its few milliseconds, again and again, and never get its share.
        if case .running(_, .quantum(let until)) = account.phase, until > now,
            newest.map({ account.virtualTime < $0 }) ?? true
        {
            return rank(.fairTurn)
        }
        return rank(.fair, account.virtualTime)
    }

    /// What a worker that gets cores may count on.
    ///
    /// Who merely fits in beside a worker that must wait for more cores is promised nothing: otherwise small ones, one
    /// after the other, could keep a wide one waiting.
    private func turn(
        _ account: CoreAccount, _ tier: Rank.Tier, isLeftover: Bool, now: ContinuousClock.Instant
    ) -> CoreAccount.Turn {
        switch (tier, account.phase) {
        case (.overdueTurn, .running(_, let turn)), (.fairTurn, .running(_, let turn)): turn
        case _ where isLeftover: .open
        case (.overdue, _): .overdue(until: now + policy.quantum)
        case (.fair, _): .quantum(until: now + policy.quantum)
        default: .open
        }
    }

    /// When a worker has waited too long, among `count` with work.
    private func overdue(since: ContinuousClock.Instant, of count: Int) -> ContinuousClock.Instant {
        since + policy.patience + policy.quantum * count
    }

    /// When the order can next change by time alone: a turn or a burst ends, or a wait gets too long.
    private func deadline(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let contenders = accounts.values.filter { $0.kind != nil }
        guard contenders.contains(where: \.isPaused) else {
            return nil
        }
        let newest = contenders.lazy.filter(\.isNew).map(\.virtualTime).min()
        return contenders.compactMap { account -> ContinuousClock.Instant? in
            switch account.phase {
            case .resting: nil
            case .paused(let since): overdue(since: since, of: contenders.count)
            case .running(_, .overdue(let until)): until
            case .running(_, .quantum(let until)):
                // A microsecond more, so that rounding cannot keep it from being past.
                newest.map { newest in
                    let lead = (newest - account.virtualTime) / (account.threads * account.cost(policy))
                    return min(until, now + lead + .microseconds(1))
                } ?? until
            case .running(_, .open): account.isInBurst ? now + account.burst / account.threads : nil
            }
        }.filter { $0 > now }.min()
    }
}
