import DequeModule
import SaraiCore

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
        return actions + serve(id.model, now: now)
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
                // It lives but does not answer: a fresh one will.
                actions.append(.stop(id))
            default:
                break
            }
        }
        return actions + serve(id.model, now: now)
    }

    /// Lets time pass: waits end, back-offs end.
    mutating func tick(now: Instant) -> [PoolAction] {
        var actions: [PoolAction] = []
        for name in names where models[name]?.waiting.isEmpty == false {
            actions += serve(name, now: now)
            for waiter in models[name]?.waiting ?? [] where waiter.deadline <= now {
                actions.append(.refuse(waiter: waiter.id, expiry(of: waiter, now: now)))
            }
            models[name]?.waiting.removeAll { $0.deadline <= now }
        }
        return actions + restartResidents(now: now)
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

    /// The error for a request that waited too long, with what it waited for.
    private func expiry(of waiter: Waiter, now: Instant) -> PoolError {
        guard case .wait(let id) = decide(waiter, now: now), let target = self[target: id] else {
            return PoolError(.busy, "no answer from '\(waiter.model)' in time (timeouts.queue)")
        }
        return switch target.phase {
        case .loading(_, let progress):
            PoolError(.unavailable, "'\(waiter.model)' is still loading (\(Int(progress * 100)) %)")
        case .backingOff(_, let reason):
            PoolError(.unavailable, "'\(waiter.model)' is being restarted: \(reason)")
        default:
            PoolError(
                .busy, "all \(target.capacity) slots of \(id) stayed busy (timeouts.queue)", retryAfter: .seconds(1))
        }
    }
}
