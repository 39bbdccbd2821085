import DequeModule
import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiMemory

/// What is reported of targets' health, and what time brings.
extension PoolState {
    /// A worker that is under suspicion was checked; `failure` says what was found wrong, and `isGone` whether there was nobody
    /// to ask: then how it ended says more.
    mutating func workerChecked(
        _ id: TargetID, failure: String?, isGone: Bool = false, now: Instant
    ) -> [PoolAction] {
        guard case .suspect(let pid, let since, _) = self[target: id]?.phase else {
            return []
        }
        guard failure == nil else {
            // It does not answer: a fresh one will.
            update(id) { $0.phase = .suspect(pid: pid, since: since, failure: isGone ? nil : failure) }
            return [.stop(id)]
        }
        update(id) { $0.phase = .ready(pid: pid, since: since) }
        return serve(id.model, now: now)
    }

    /// A server was checked: what is on it, or what is wrong with it.
    mutating func serverChecked(
        _ server: Server, _ result: Result<ServerHealth, BackendError>, now: Instant
    ) -> [PoolAction] {
        var actions: [PoolAction] = []
        for id in targets(on: server) {
            var transition: Breaker.Transition?
            update(id) { target in
                guard case .remote(let remote) = target.configuration else {
                    return
                }
                let failure: String?
                switch result {
                case .failure(let error):
                    failure = error.message
                case .success(let health):
                    failure = health.has(remote.model) ? nil : "the server has no model '\(remote.model)'"
                    target.remote?.isLoaded = health.hasLoaded(remote.model)
                    target.remote?.latency = health.firstByte
                }
                transition = target.remote?.breaker.checked(failure: failure, now: now)
            }
            actions += report(transition, of: id, now: now) + serve(id.model, now: now)
        }
        return actions
    }

    /// The servers that targets are on, each once.
    var servers: [Server] {
        var known: Set<Server> = []
        return names.compactMap(configured).flatMap(\.targets).compactMap { $0.remote?.server }
            .filter { known.insert($0).inserted }
    }

    /// When the ejections of targets on a server end at the earliest.
    func ejectionEnds(on server: Server) -> [Instant] {
        targets(on: server).compactMap { id in
            guard case .open(_, let until, _, _) = self[target: id]?.remote?.breaker.state else {
                return nil
            }
            return until
        }
    }

    /// Lets time pass: waits end, back-offs end.
    mutating func tick(now: Instant) -> [PoolAction] {
        lastTick = now
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

    /// Stops taking requests; those that have got nothing yet are refused, those that run may finish, elsewhere too.
    mutating func shutDown() -> [PoolAction] {
        var actions: [PoolAction] = isShuttingDown ? [] : [.post(.draining)]
        isShuttingDown = true
        for name in names {
            let refused = (models[name]?.waiting ?? []).filter { !$0.isUnderWay }
            actions += refused.map { .refuse(waiter: $0.id, .shuttingDown) }
            models[name]?.waiting.removeAll { !$0.isUnderWay }
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
        let refusal = ledger.refusal(of: target.id, bytes: needs, isLLM: target.isLLM)
        return refusal?.message ?? "others came first"
    }
}
