import SaraiCore

/// Models that must stay as they are until something larger than one request is done.
extension PoolState {
    /// Holds models, so that none of them is unloaded for another or because its time is over.
    ///
    /// - Parameters:
    ///   - held: what is held.
    ///   - required: those of them that must be available.
    ///   - now: the time.
    /// - Returns: whether each of `required` answers without a load; else none is held.
    mutating func hold(_ held: [HeldModel], available required: [HeldModel], now: Instant) -> Bool {
        guard required.allSatisfy({ isAvailable($0, now: now) }) else {
            return false
        }
        for model in held {
            models[model.name]?.holds += 1
        }
        return true
    }

    /// Ends a hold.
    mutating func endHold(_ names: [ModelName], now: Instant) -> [PoolAction] {
        for name in names {
            // The model may be another one meanwhile, put into the configuration again, which nobody holds.
            let holds = models[name]?.holds ?? 0
            models[name]?.holds = max(0, holds - 1)
        }
        return serveAll(now: now) + names.flatMap { expire($0, now: now) }
    }

    /// The targets of a model that cannot do what is asked of it, and why.
    func targets(of name: ModelName, unableTo needs: Needs) -> [TargetID: Exclusion] {
        var unable: [TargetID: Exclusion] = [:]
        for target in models[name]?.targets ?? [] {
            if let objection = target.objection(to: needs) {
                unable[target.id] = Exclusion(reason: "unsupported", message: objection, isUnsupported: true)
            }
        }
        return unable
    }

    /// Whether each request that will be made of a model would be answered without a load, perhaps after others.
    func isAvailable(_ model: HeldModel, now: Instant) -> Bool {
        model.needs.allSatisfy { needs in
            let waiter = Waiter(id: 0, model: model.name, needs: needs, excluded: [:], since: now, deadline: now)
            switch decide(waiter, now: now) {
            case .grant: return true
            case .wait(let target): return !target.kind.isLocal || self[target: target]?.isReady == true
            case .load, .makeRoom, .refuse: return false
            }
        }
    }
}

/// Models that somebody will probably ask for.
extension PoolState {
    /// Starts the load of the target that the next request would get, if there is room beside all that is loaded.
    mutating func warm(_ name: ModelName, now: Instant) -> [PoolAction] {
        guard !isShuttingDown, let next = configured(name)?.inOrder.first(where: { $0.canServe(now: now) }),
            next.phase == .unloaded, case .free = room(for: next, since: now, now: now)
        else {
            return []
        }
        update(next.id) { $0.phase = .inspecting }
        return [.inspect(next.id)]
    }
}
