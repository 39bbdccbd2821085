import DequeModule
import SaraiConfiguration
import SaraiCore
import SaraiMemory

/// What is reported of local targets.
extension PoolState {
    /// The files were looked at: with how the target is to be loaded and what it will need then, or with what is wrong.
    mutating func inspected(_ id: TargetID, _ result: Result<TargetPlan, PoolError>, now: Instant) -> [PoolAction] {
        guard self[target: id]?.phase == .inspecting else {
            return []
        }
        switch result {
        case .failure(let error):
            // Nothing was started, so nothing has to be backed off from: the next request looks at the file again.
            update(id) { $0.phase = .unloaded }
            exclude(id, Exclusion(reason: "bad file", message: error.message))
            return [.post(.failed(id, reason: error.message))] + serve(id.model, now: now)
        case .success(let plan):
            update(id) { $0.predicted = plan.footprint }
            return admit(id, plan, now: now)
        }
    }

    /// Reserves memory for a load and starts it; where there is none (any more), those who wait decide again.
    private mutating func admit(_ id: TargetID, _ plan: TargetPlan, now: Instant) -> [PoolAction] {
        guard let target = self[target: id] else {
            return []
        }
        do throws(LedgerRefusal) {
            try ledger.reserve(id, bytes: plan.footprint.resident, isLLM: target.isLLM, isHeld: plan.isHeld)
            update(id) {
                $0.phase = .loading(pid: nil, progress: 0)
                $0.loaded = plan.settings
                $0.started = $0.local
                $0.run += 1
                $0.loadStarted = now
            }
            return [.post(.loading(id, progress: 0)), .start(id)]
        } catch {
            update(id) { $0.phase = .unloaded }
            return serve(id.model, now: now)
        }
    }

    /// The worker process exists.
    mutating func workerStarted(_ id: TargetID, pid: Int, now: Instant) -> [PoolAction] {
        update(id) {
            switch $0.phase {
            case .loading(_, let progress): $0.phase = .loading(pid: pid, progress: progress)
            case .draining(_, let reason): $0.phase = .draining(pid: pid, reason: reason)
            default: break
            }
        }
        // A load has no answer to give yet, so it goes after those who have.
        return self[target: id]?.isDraining == true ? [] : beginWork(on: id, .background, now: now)
    }

    /// The worker is loading; `progress` is 0…1. Told to others in steps of a tenth.
    mutating func workerProgressed(_ id: TargetID, progress: Double) -> [PoolAction] {
        guard case .loading(let pid, let before) = self[target: id]?.phase else {
            return []
        }
        update(id) { $0.phase = .loading(pid: pid, progress: progress) }
        let isWorthTelling = Int(progress * 10) > Int(before * 10) && progress < 1
        return isWorthTelling ? [.post(.loading(id, progress: progress))] : []
    }

    /// The worker answers; `isPeakKnown` says whether the peak of its file, loaded so, was measured before.
    mutating func workerLoaded(_ id: TargetID, isPeakKnown: Bool, now: Instant) -> [PoolAction] {
        update(id) { $0.loadDuration = $0.loadStarted.map { $0.duration(to: now) } }
        guard case .loading = self[target: id]?.phase, wantsWarmUp(id, isPeakKnown: isPeakKnown) else {
            return workerReady(id, now: now)
        }
        return [.warmUp(id)]
    }

    /// Whether a load ends with a full step. Who has asked something should not wait for a measurement.
    private func wantsWarmUp(_ id: TargetID, isPeakKnown: Bool) -> Bool {
        switch warmUp {
        case .always: true
        case .never: false
        case .first: !isPeakKnown && models[id.model]?.waiting.contains { $0.needs != .load } == false
        }
    }

    /// The worker is ready for requests.
    mutating func workerReady(_ id: TargetID, now: Instant) -> [PoolAction] {
        var events: [PoolAction] = []
        update(id) {
            if case .loading(let pid, _) = $0.phase, let pid {
                $0.phase = .ready(pid: pid, since: now)
                $0.lastUsed = now
                events = [.post(.ready(id, took: $0.loadStarted.map { $0.duration(to: now) } ?? .zero))]
            }
        }
        return events + cores.end(id, kind: .background, now: now).map(PoolAction.init) + serve(id.model, now: now)
    }

    /// The worker is gone.
    ///
    /// - Parameters:
    ///   - id: its target.
    ///   - reason: how it ended, in a sentence.
    ///   - isForMemory: whether for want of memory.
    ///   - isEndOfAll: whether the daemon ends, and its workers with it.
    ///   - now: the time.
    /// - Returns: what to do about it.
    mutating func workerExited(
        _ id: TargetID, reason: String, isForMemory: Bool = false, isEndOfAll: Bool = false, now: Instant
    ) -> [PoolAction] {
        ledger.release(id)
        let phase = self[target: id]?.phase
        var reason = reason
        if case .suspect(_, _, let failure?) = phase {
            reason = "the worker did not answer any more and was ended: \(failure)"
        }
        let isRestarted = self[target: id]?.isOutdated ?? false
        update(id) { [restarts, reason] target in
            if isRestarted {
                target.predicted = target.plan?.footprint
            }
            target.measured = nil
            target.measuredKinds = nil
            target.loaded = nil
            target.started = nil
            target.workerEnded(reason: reason, now: now, policy: restarts)
        }
        defer { forgetIfGone(id) }
        let ending: PoolEvent.Body =
            switch phase {
            case _ where isEndOfAll: .unloaded(id, reason: "the daemon ends")
            case nil: .unloaded(id, reason: "it is not in the configuration any more")
            case .draining(_, let cause): .unloaded(id, reason: cause)
            default: .killed(id, reason: reason, isForMemory: isForMemory)
            }
        var events = [ending]
        if case .failed(_, let reason) = self[target: id]?.phase {
            events.append(.failed(id, reason: reason))
        }
        // Memory became free, so any model may now have what it was refused.
        return events.map(PoolAction.post) + freeCores(of: id, now: now)
            + (isRestarted ? residents { $0 == id && $1 == .unloaded } : []) + serveAll(now: now)
            + restartResidents(now: now)
    }

    /// A worker's memory was read. If that shows that the budget is exceeded, idle models make room.
    mutating func measured(_ id: TargetID, _ memory: MeasuredMemory, now: Instant) -> [PoolAction] {
        guard self[target: id]?.pid != nil else {
            return []
        }
        update(id) { $0.measured = memory }
        ledger.correct(id, measured: memory.resident)
        return relieve(now: now)
    }

    /// A worker's memory was read by kind.
    mutating func measured(_ id: TargetID, _ kinds: MeasuredKinds) {
        update(id) { $0.measuredKinds = $0.pid == nil ? nil : kinds }
    }

    /// The daemon's own memory was read.
    mutating func measuredDaemon(_ memory: MeasuredMemory, now: Instant) -> [PoolAction] {
        ledger.daemon = max(ledger.daemon, memory.resident)
        return relieve(now: now)
    }

    /// Starts the loads of resident models, when the daemon starts.
    mutating func start() -> [PoolAction] {
        residents { $1 == .unloaded }
    }

    /// Starts resident models again whose back-off is over.
    mutating func restartResidents(now: Instant) -> [PoolAction] {
        residents { _, phase in
            if case .backingOff(let until, _) = phase {
                return until <= now
            }
            return false
        }
    }

    /// Starts the loads of resident models' local targets that are due.
    mutating func residents(where isDue: (TargetID, TargetState.Phase) -> Bool) -> [PoolAction] {
        guard !isShuttingDown else {
            return []
        }
        let targets = names.compactMap(configured).filter(\.configuration.isResident).flatMap(\.targets)
        let due = targets.filter { $0.id.kind.isLocal && isDue($0.id, $0.phase) }.map(\.id)
        for id in due {
            update(id) { $0.phase = .inspecting }
        }
        return due.map(PoolAction.inspect)
    }

    /// Ends a model's workers because somebody wants their memory: idle ones now, others when their last request is done.
    ///
    /// Nothing is held for them until they are loaded again, unless they stand in for a server: that may fail at any time.
    mutating func unload(_ name: ModelName, now: Instant) -> [PoolAction] {
        let targets = models[name]?.targets ?? []
        let local = targets.map(\.id).filter(\.kind.isLocal)
        if local.count == targets.count {
            local.forEach { ledger.giveUp($0) }
        }
        return local.flatMap { drain($0, because: "somebody asked for it", now: now) } + serveAll(now: now)
    }

    /// Ends a target's worker: now if it is idle, else when its last request is done; no new one gets there. `reason` is for
    /// those who wonder where it went.
    mutating func drain(_ id: TargetID, because reason: String, now: Instant) -> [PoolAction] {
        var isIdle = false
        update(id) { state in
            switch state.phase {
            case .ready, .suspect, .loading:
                isIdle = state.inFlight == 0
                state.phase = .draining(pid: state.pid, reason: reason)
            case .backingOff, .failed:
                state.phase = .unloaded
                state.failures = 0
            case .remote, .unloaded, .inspecting, .draining:
                break
            }
        }
        return isIdle ? freeCores(of: id, now: now) + [.stop(id)] : []
    }

    /// Unloads a model's targets whose time is over. What is pinned has no such time.
    mutating func expire(_ name: ModelName, now: Instant) -> [PoolAction] {
        guard let model = models[name], !model.isPinned, model.holds == 0, model.waiting.isEmpty else {
            return []
        }
        let due = model.targets.filter { target in
            target.inFlight == 0 && target.expiry(now: now).map { $0 <= now } ?? false
        }
        return due.flatMap { drain($0.id, because: "nobody used it any more (keep_alive)", now: now) }
    }

    /// Protects a model from being unloaded for others, or no longer.
    mutating func setPinned(_ name: ModelName, _ isPinned: Bool) {
        models[name]?.isPinned = isPinned
    }

    /// Rules a target out for everybody who waits for it now; later requests may try it again.
    private mutating func exclude(_ id: TargetID, _ exclusion: Exclusion) {
        guard let waiting = models[id.model]?.waiting else {
            return
        }
        for index in waiting.indices {
            models[id.model]?.waiting[index].excluded[id] = exclusion
        }
    }
}

extension TargetState {
    /// Decides what comes after a worker's end: nothing if it was asked for, else a new start, later with each failure.
    fileprivate mutating func workerEnded(reason: String, now: Instant, policy: RestartPolicy) {
        switch phase {
        case .draining:
            phase = .unloaded
            failures = 0
            return
        case .ready(_, let since), .suspect(_, let since, _):
            failures = since.duration(to: now) >= policy.goodRun ? 1 : failures + 1
        default:
            failures += 1
        }
        phase =
            switch policy.verdict(failures: failures) {
            case .retry(let delay):
                .backingOff(until: now + delay, reason: reason)
            case .giveUp:
                .failed(until: now + policy.pardon, reason: "\(reason) (\(failures) failures in a row)")
            }
    }
}
