import DequeModule
import SaraiCore
import SaraiMemory

/// What is reported of targets' health, and what time brings.
extension PoolState {
    /// A request failed on a target for a reason that speaks against the target.
    mutating func requestFailed(on id: TargetID, reason: String, now: Instant) -> [PoolAction] {
        var actions: [PoolAction] = []
        update(id) { target in
            switch target.phase {
            case .up:
                target.phase = .down(reason: reason)
            case .ready(let pid, let since):
                target.phase = .suspect(pid: pid, since: since)
                actions.append(.checkHealth(id))
            default:
                break
            }
        }
        // A worker that is held cannot show that it is alive.
        let freed = actions.isEmpty ? [] : freeCores(of: id, now: now)
        return freed + actions + serve(id.model, now: now)
    }

    /// A worker answers, but is of no use any more: a fresh one will be.
    mutating func workerFailed(_ id: TargetID, now: Instant) -> [PoolAction] {
        var isFailed = false
        update(id) { target in
            if case .ready(let pid, let since) = target.phase {
                target.phase = .suspect(pid: pid, since: since)
                isFailed = true
            }
        }
        return isFailed ? freeCores(of: id, now: now) + [.stop(id)] : []
    }

    /// A health check is done; `failure` says what it found wrong.
    mutating func healthChecked(_ id: TargetID, failure: String?, now: Instant) -> [PoolAction] {
        var actions: [PoolAction] = []
        update(id) { target in
            switch (target.phase, failure) {
            case (.down, nil):
                target.phase = .up
            case (.up, .some(let reason)), (.down, .some(let reason)):
                target.phase = .down(reason: reason)
            case (.suspect(let pid, let since), nil):
                target.phase = .ready(pid: pid, since: since)
            case (.suspect, .some):
                // It does not answer: a fresh one will.
                actions.append(.stop(id))
            default:
                break
            }
        }
        return actions + serve(id.model, now: now)
    }

    /// Lets time pass: waits end, back-offs end.
    mutating func tick(now: Instant) -> [PoolAction] {
        var actions = serveAll(now: now)
        for name in names {
            let late = (models[name]?.waiting ?? []).filter { $0.deadline <= now && !isLoading(for: $0, now: now) }
            for waiter in late {
                actions.append(.refuse(waiter: waiter.id, expiry(of: waiter, now: now)))
            }
            let ids = late.map(\.id)
            if !ids.isEmpty {
                models[name]?.waiting.removeAll { ids.contains($0.id) }
            }
            actions += expire(name, now: now)
        }
        return actions + restartResidents(now: now) + relieve(now: now) + cores.tick(now: now).map(PoolAction.init)
    }

    /// Stops taking requests; those that wait are refused, those that run may finish.
    mutating func shutDown() -> [PoolAction] {
        isShuttingDown = true
        var actions: [PoolAction] = []
        for name in names {
            for waiter in models[name]?.waiting ?? [] {
                actions.append(.refuse(waiter: waiter.id, PoolError(.unavailable, "Sarai is shutting down")))
            }
            models[name]?.waiting = []
        }
        return actions
    }

    /// Whether a request waits for a load. Loads have a deadline of their own, which is longer.
    private func isLoading(for waiter: Waiter, now: Instant) -> Bool {
        guard case .wait(let id) = decide(waiter, now: now) else {
            return false
        }
        return switch self[target: id]?.phase {
        case .inspecting, .loading: true
        default: false
        }
    }

    /// The error for a request that waited too long, with what it waited for.
    private func expiry(of waiter: Waiter, now: Instant) -> PoolError {
        guard case .wait(let id) = decide(waiter, now: now), let target = self[target: id] else {
            return PoolError(.busy, "no answer from '\(waiter.model)' in time (timeouts.queue)")
        }
        if case .backingOff(_, let reason) = target.phase {
            return PoolError(.unavailable, "'\(waiter.model)' is being restarted: \(reason)")
        }
        if case .unloaded = target.phase {
            return PoolError(
                .poolFull, "no memory for '\(waiter.model)' in time (timeouts.queue): \(lack(for: target))")
        }
        return PoolError(
            .busy, "all \(target.capacity) slots of \(id) stayed busy (timeouts.queue)", retryAfter: .seconds(1))
    }

    /// What a target that waits for memory lacks.
    private func lack(for target: TargetState) -> String {
        if pressure != .calm {
            return "the machine is short of memory, and nothing is loaded until that is over"
        }
        let needs = target.predicted?.resident ?? .zero
        let refusal = ledger.refusal(of: target.id, bytes: needs, isLLM: !target.isEmbedding)
        return refusal?.message ?? "others came first"
    }
}
