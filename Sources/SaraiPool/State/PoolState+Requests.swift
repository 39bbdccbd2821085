import DequeModule
import SaraiConfiguration
import SaraiCore
import SaraiMemory

extension PoolState {
    /// Takes in a request.
    mutating func request(_ waiter: Waiter, now: Instant) -> [PoolAction] {
        guard !isShuttingDown || waiter.isUnderWay else {
            return [.refuse(waiter: waiter.id, .shuttingDown)]
        }
        guard let model = configured(waiter.model) else {
            return [.refuse(waiter: waiter.id, unknownModel(waiter.model))]
        }
        guard model.waiting.count < maxQueue else {
            let error = PoolError(
                .busy,
                "\(model.waiting.count) requests already wait for '\(waiter.model)', which is the limit "
                    + "(server.max_queue)", retryAfter: .seconds(1))
            let event = PoolEvent.Body.overloaded(waiter.model, waiting: model.waiting.count)
            return [.refuse(waiter: waiter.id, error), .post(event)]
        }
        models[waiter.model]?.waiting.append(waiter)
        return serve(waiter.model, now: now)
    }

    /// Forgets a request whose client is gone.
    mutating func withdraw(waiter id: Int, model: ModelName) -> [PoolAction] {
        guard let index = models[model]?.waiting.firstIndex(where: { $0.id == id }) else {
            return []
        }
        models[model]?.waiting.remove(at: index)
        return [.refuse(waiter: id, PoolError(.cancelled, "the request was cancelled"))]
    }

    /// A request on a target is over, whatever became of it: gives its slot back.
    mutating func release(
        _ route: Route, _ needs: Needs, _ outcome: Outcome, random: Double = 0, now: Instant
    ) -> [PoolAction] {
        let target = route.target
        var actions = judge(route, outcome, random: random, now: now)
        if target.kind.isLocal, let state = self[target: target], state.run == route.run {
            // The worker may still be at work on what nobody waits for any more.
            if outcome != .answered, state.isReady {
                actions += beginWork(on: target, .background, now: now) + [.settle(target)]
            }
            actions += endWork(on: target, needs, now: now)
        }
        update(target) { state in
            state.inFlight -= 1
            state.lastUsed = now
        }
        defer { forgetIfGone(target) }
        if let running = models[target.model]?.running[route.client] {
            models[target.model]?.running[route.client] = running > 1 ? running - 1 : nil
        }
        if let state = self[target: target], state.isDraining, state.inFlight == 0 {
            actions += freeCores(of: target, now: now) + [.stop(target)]
        }
        // Who waits for memory may want what has just become idle.
        return actions + serveAll(now: now) + expire(target.model, now: now)
    }

    /// Gives everybody who waits what they can get now, those who have waited longest first.
    mutating func serveAll(now: Instant) -> [PoolAction] {
        let waiting = names.filter { models[$0]?.waiting.isEmpty == false }
        let order = waiting.sorted { models[$0]?.waiting.first?.id ?? 0 < models[$1]?.waiting.first?.id ?? 0 }
        return order.flatMap { serve($0, now: now) }
    }

    /// Gives every waiting request of a model what it can get now.
    mutating func serve(_ name: ModelName, now: Instant) -> [PoolAction] {
        guard let line = models[name]?.line() else {
            return []
        }
        var actions: [PoolAction] = []
        var gone: Set<Int> = []
        for waiter in line {
            switch decide(waiter, now: now) {
            case .grant(let route):
                actions += grant(route, to: waiter, now: now)
                gone.insert(waiter.id)
            case .refuse(let error):
                actions.append(.refuse(waiter: waiter.id, error))
                gone.insert(waiter.id)
            case .wait:
                break
            case .load(let target):
                update(target) { $0.phase = .inspecting }
                actions.append(.inspect(target))
            case .makeRoom(let victims):
                actions += victims.flatMap { evict($0, for: name, now: now) }
            }
        }
        if !gone.isEmpty {
            models[name]?.waiting.removeAll { gone.contains($0.id) }
        }
        return actions
    }

    /// Gives a waiting request a slot of a target.
    private mutating func grant(_ route: Route, to waiter: Waiter, now: Instant) -> [PoolAction] {
        var route = route
        route.client = waiter.client
        let keepAlive = waiter.keepAlive ?? models[waiter.model]?.keepAlive
        update(route.target) { target in
            route.run = target.remote?.breaker.began(now: now) ?? target.run
            target.inFlight += 1
            target.lastUsed = now
            target.keepAlive = keepAlive ?? target.keepAlive
        }
        models[waiter.model]?.running[waiter.client, default: 0] += 1
        models[waiter.model]?.turns.served(waiter.client)
        return beginWork(on: route.target, waiter.needs, now: now) + [.grant(waiter: waiter.id, route)]
    }

    /// What can be done for a waiting request.
    enum Decision {
        case grant(Route)
        case load(TargetID)
        /// These are to be unloaded first.
        case makeRoom([TargetID])
        case wait(TargetID)
        case refuse(PoolError)
    }

    /// Goes through the targets in order of preference; the first that can answer, now or after a wait, gets it.
    func decide(_ waiter: Waiter, now: Instant) -> Decision {
        guard let model = configured(waiter.model) else {
            return .refuse(unknownModel(waiter.model))
        }
        var passed: [(target: TargetID, exclusion: Exclusion)] = []
        /// A server that will have a slot, unless another one of its tier has one now.
        var busy: TargetState?
        for target in model.inOrder {
            if let busy, busy.tier != target.tier {
                return .wait(busy.id)
            }
            if let objection = target.objection(to: waiter.needs) {
                let exclusion = Exclusion(reason: "unsupported", message: objection, isUnsupported: true)
                passed.append((target.id, exclusion))
                continue
            }
            if let exclusion = waiter.excluded[target.id] {
                passed.append((target.id, exclusion))
                continue
            }
            switch target.phase {
            case .remote:
                switch target.availability(now: now) {
                case .free: return .grant(Route(target: target.id, reason: reason(after: passed)))
                case .busy: busy = busy ?? target
                case .none(let exclusion): passed.append((target.id, exclusion))
                }
            case .ready:
                return target.inFlight < target.capacity
                    ? .grant(Route(target: target.id, reason: reason(after: passed))) : .wait(target.id)
            case .unloaded:
                switch room(for: target, since: waiter.since, now: now) {
                case .free:
                    return .load(target.id)
                case .wait:
                    return .wait(target.id)
                case .unload(let victims):
                    return .makeRoom(victims)
                case .none(let message) where onFull(of: waiter.model) == .reject:
                    return .refuse(PoolError(.poolFull, "\(message); on_full is 'reject'"))
                case .none(let message):
                    passed.append((target.id, Exclusion(reason: "pool full", message: message, isForMemory: true)))
                }
            case .inspecting, .loading, .suspect, .draining:
                return .wait(target.id)
            case .backingOff(let until, let reason):
                if until <= now {
                    return .load(target.id)
                }
                // A target of lower preference that can answer now is better than a wait.
                let others = model.targets.filter { $0.id != target.id && waiter.excluded[$0.id] == nil }
                if !others.contains(where: { $0.objection(to: waiter.needs) == nil && $0.canServe(now: now) }) {
                    return .wait(target.id)
                }
                passed.append((target.id, Exclusion(reason: "restarting", message: reason)))
            case .failed(let until, let reason):
                if until <= now {
                    return .load(target.id)
                }
                passed.append((target.id, Exclusion(reason: "failed", message: reason)))
            }
        }
        if let busy {
            return .wait(busy.id)
        }
        // Better late than never: a server that only asked for a rest will take requests again.
        let able = model.targets.filter { waiter.excluded[$0.id] == nil && $0.objection(to: waiter.needs) == nil }
        if let resting = able.first(where: { $0.isWorthWaiting(now: now) }) {
            return .wait(resting.id)
        }
        return .refuse(refusal(of: waiter, passed: passed))
    }

    /// Why a target answers, when others before it do not.
    private func reason(after passed: [(target: TargetID, exclusion: Exclusion)]) -> String {
        passed.first.map { "failover; \($0.target.shortName): \($0.exclusion.reason)" } ?? "preferred"
    }

    /// The error for a name that is not in the configuration.
    func unknownModel(_ name: ModelName) -> PoolError {
        let known = names.map(\.rawValue)
        return PoolError(
            .unknownModel,
            "model '\(name)' not found; the configuration has \(known.joined(separator: ", "))."
                + Suggestion.sentence(for: name.rawValue, among: known))
    }

    /// The error for a request that no target can serve.
    private func refusal(of waiter: Waiter, passed: [(target: TargetID, exclusion: Exclusion)]) -> PoolError {
        let possible = passed.filter { !$0.exclusion.isUnsupported }
        guard !possible.isEmpty else {
            let objection = passed.first?.exclusion.message ?? "has no target"
            return PoolError(.unsupported, "model '\(waiter.model)' \(objection)")
        }
        let reasons = possible.map { "\($0.target): \($0.exclusion.message)" }.joined(separator: "; ")
        let message = "model '\(waiter.model)' cannot answer now: \(reasons)"
        if possible.contains(where: \.exclusion.isForMemory) {
            return PoolError(.poolFull, message)
        }
        if possible.allSatisfy({ !$0.target.kind.isLocal }) {
            return PoolError(.badGateway, message)
        }
        return PoolError(.unavailable, message)
    }
}

extension TargetID {
    /// The target without the model's name, for messages that name the model already.
    var shortName: String {
        kind.rawValue + (server.map { "@" + $0 } ?? "")
    }
}
