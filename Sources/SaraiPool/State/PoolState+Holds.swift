import SaraiCore

/// Models that must stay as they are until something larger than one request is done.
extension PoolState {
    /// Holds models, so that none of them is unloaded for another or because its time is over.
    ///
    /// - Parameters:
    ///   - names: what is held.
    ///   - required: those of them that must be available.
    ///   - now: the time.
    /// - Returns: whether each of `required` answers without a load; else none is held.
    mutating func hold(_ names: [ModelName], available required: [ModelName], now: Instant) -> Bool {
        guard required.allSatisfy({ isAvailable($0, now: now) }) else {
            return false
        }
        for name in names {
            models[name]?.holds += 1
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

    /// Whether a request would be answered without a load, perhaps after others.
    func isAvailable(_ name: ModelName, now: Instant) -> Bool {
        let waiter = Waiter(id: 0, model: name, needs: .load, excluded: [:], since: now, deadline: now)
        switch decide(waiter, now: now) {
        case .grant: return true
        case .wait(let target): return !target.kind.isLocal || self[target: target]?.isReady == true
        case .load, .makeRoom, .refuse: return false
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
