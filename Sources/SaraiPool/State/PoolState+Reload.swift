import DequeModule
import SaraiConfiguration
import SaraiCore
import SaraiMemory

/// Another configuration for a running pool.
extension PoolState {
    /// A model of the configuration, with the targets that it has there; `nil` also for one that was taken out and has only
    /// to finish something.
    func configured(_ name: ModelName) -> Model? {
        guard var model = models[name] else {
            return nil
        }
        if model.targets.contains(where: \.isRemoved) {
            model.targets.removeAll(where: \.isRemoved)
        }
        return model.targets.isEmpty ? nil : model
    }

    /// Takes over another configuration. Running answers go on; only what has changed starts again.
    ///
    /// A model or a target that is gone gets nothing new, and is forgotten when its last request and its worker have ended.
    ///
    /// - Parameters:
    ///   - configuration: what shall be.
    ///   - difference: what that changes.
    ///   - plans: how its local targets are loaded from now on.
    ///   - now: the time.
    /// - Returns: what is to be done.
    mutating func reload(
        _ configuration: Configuration, _ difference: ConfigurationDifference, plans: [TargetID: TargetPlan],
        now: Instant
    ) -> [PoolAction] {
        revision += 1
        let defaultKeepAlive = take(configuration)
        names = configuration.models.map(\.name)
        var actions: [PoolAction] = [.post(.reloaded(changes: difference.summary))]
        for name in difference.removed {
            actions += remove(name, now: now)
        }
        let restarting = Set(difference.changed.filter(\.restartsWorker).map(\.model))
        var newResidents: Set<ModelName> = []
        for model in configuration.models {
            let before = models[model.name]
            actions += take(
                model, keepAlive: model.keepAlive ?? defaultKeepAlive, isRestarted: restarting.contains(model.name),
                now: now)
            if model.isResident, before?.configuration.isResident != true || restarting.contains(model.name) {
                newResidents.insert(model.name)
            }
        }
        adopt(plans)
        actions += watchServers() + residents { newResidents.contains($0.model) && $1 == .unloaded }
        return actions + [.refinePlan] + relieve(now: now) + serveAll(now: now)
    }

    /// Takes over what concerns the pool as a whole.
    ///
    /// - Returns: how long models stay loaded that do not say.
    private mutating func take(_ configuration: Configuration) -> KeepAlive {
        ledger.budget = configuration.memory.budget
        ledger.maxConcurrentLLMs = configuration.memory.maxConcurrentLLMs
        maxQueue = configuration.server.maxQueue
        defaultOnFull = configuration.memory.onFull
        warmUp = configuration.memory.warmUp
        breakers = BreakerPolicy(configuration.failover)
        retries.share = configuration.failover.retryShare
        return configuration.memory.keepAlive
    }

    /// Takes a model out. Who waits for it is refused.
    private mutating func remove(_ name: ModelName, now: Instant) -> [PoolAction] {
        let error = unknownModel(name)
        var actions = (models[name]?.waiting ?? []).map { PoolAction.refuse(waiter: $0.id, error) }
        models[name]?.waiting = []
        // What it has is on its way to others.
        models[name]?.isPinned = false
        for target in models[name]?.targets ?? [] {
            actions += remove(target.id, now: now)
        }
        return actions
    }

    /// Takes a target out: nothing new gets there.
    private mutating func remove(_ id: TargetID, now: Instant) -> [PoolAction] {
        update(id) { target in
            target.isRemoved = true
            if case .inspecting = target.phase {
                target.phase = .unloaded
            }
        }
        let actions = drain(id, because: "it is not in the configuration any more", now: now)
        forgetIfGone(id)
        return actions
    }

    /// Forgets a target that was taken out, once nothing of it runs any more; and its model with the last of them.
    mutating func forgetIfGone(_ id: TargetID) {
        guard let target = self[target: id], target.isRemoved, target.inFlight == 0, !target.hasWorker else {
            return
        }
        models[id.model]?.targets.removeAll { $0.id == id }
        if models[id.model]?.targets.isEmpty == true {
            models[id.model] = nil
        }
    }

    /// Puts a model in, or in place of what it was.
    private mutating func take(
        _ configuration: ModelConfiguration, keepAlive: KeepAlive, isRestarted: Bool, now: Instant
    ) -> [PoolAction] {
        let name = configuration.name
        let isNew = configured(name) == nil
        let old = models[name]
        var model =
            old ?? Model(configuration: configuration, isPinned: false, keepAlive: keepAlive, targets: [])
        // Who pinned it by hand meant it for as long as the file says nothing else.
        if isNew || model.configuration.isPinned != configuration.isPinned {
            model.isPinned = configuration.isPinned
        }
        model.configuration = configuration
        model.keepAlive = keepAlive
        model.targets = configuration.targets.map { target in
            guard var state = old?.targets.first(where: { $0.id == target.id }) else {
                return TargetState(target, keepAlive: keepAlive, policy: breakers, now: now)
            }
            // A request may have asked for another time; then it has said so of its own.
            if state.keepAlive == old?.keepAlive {
                state.keepAlive = keepAlive
            }
            state.take(target, policy: breakers, isRestarted: isRestarted, now: now)
            return state
        }
        let kept = Set(model.targets.map(\.id))
        let gone = (old?.targets ?? []).filter { !kept.contains($0.id) }
        model.targets += gone
        models[name] = model
        return gone.flatMap { remove($0.id, now: now) }
            + (isRestarted
                ? kept.filter(\.kind.isLocal).flatMap { drain($0, because: "its settings have changed", now: now) }
                : [])
    }

    /// The files of a target were looked at, as `target` had them; if that is not what is wanted any more, another look is
    /// needed.
    mutating func inspected(
        _ id: TargetID, of target: LocalTargetConfiguration, _ result: Result<TargetPlan, PoolError>, now: Instant
    ) -> [PoolAction] {
        if let state = self[target: id], state.phase == .inspecting, state.local != target {
            return [.inspect(id)]
        }
        return inspected(id, result, now: now)
    }

    /// Has every server watched that is not yet.
    mutating func watchServers() -> [PoolAction] {
        let new = servers.filter { !watched.contains($0) }
        watched.formUnion(new)
        return new.map(PoolAction.watch)
    }

    /// Whether a server is to be watched any longer: as long as there are targets on it.
    mutating func keepsWatching(_ server: Server) -> Bool {
        guard targets(on: server).isEmpty else {
            return true
        }
        watched.remove(server)
        return false
    }
}

extension TargetState {
    /// Takes over another configuration of the same target.
    ///
    /// - Parameters:
    ///   - new: what shall be.
    ///   - policy: when servers are left alone.
    ///   - isRestarted: whether a worker of the old configuration cannot go on.
    ///   - now: the time.
    fileprivate mutating func take(
        _ new: TargetConfiguration, policy: BreakerPolicy, isRestarted: Bool, now: Instant
    ) {
        switch (configuration, new) {
        case (.remote(let before), .remote(let after)):
            if (before.url, before.model, before.apiKey, before.authorities)
                == (after.url, after.model, after.apiKey, after.authorities)
            {
                remote?.breaker.policy = policy
            } else {
                // What is known is of another place. The ends of requests that began there must not count.
                remote = RemoteState(after, policy: policy, run: (remote?.breaker.run ?? 0) + 1, now: now)
            }
        case (.local, .local(let after)):
            if isRestarted {
                plan = nil
                predicted = hasWorker ? predicted : nil
            } else if started != nil {
                started = after
            }
        case (.remote, .local), (.local, .remote):
            // A target's identity holds its kind.
            break
        }
        configuration = new
        isRemoved = false
    }
}
