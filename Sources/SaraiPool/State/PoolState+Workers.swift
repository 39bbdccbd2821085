import DequeModule
import SaraiConfiguration
import SaraiCore
import SaraiMemory

/// What is reported of local targets.
extension PoolState {
    /// The files' headers were read: with the memory that the target will need, or with what is wrong with them.
    mutating func inspected(_ id: TargetID, _ result: Result<Footprint, PoolError>, now: Instant) -> [PoolAction] {
        guard self[target: id]?.phase == .inspecting else {
            return []
        }
        switch result {
        case .failure(let error):
            // Nothing was started, so nothing has to be backed off from: the next request looks at the file again.
            update(id) { $0.phase = .unloaded }
            exclude(id, Exclusion(reason: "bad file", message: error.message))
            return serve(id.model, now: now)
        case .success(let footprint):
            update(id) { $0.predicted = footprint }
            return admit(id, footprint, now: now)
        }
    }

    /// Reserves memory for a load and starts it, or tells those who wait for it that there is none.
    private mutating func admit(_ id: TargetID, _ footprint: Footprint, now: Instant) -> [PoolAction] {
        do throws(LedgerRefusal) {
            try ledger.reserve(id, bytes: footprint.resident, isLLM: !isEmbedding(id))
            update(id) {
                $0.phase = .loading(pid: nil, progress: 0)
                $0.loadStarted = now
            }
            return [.start(id)]
        } catch {
            update(id) { $0.phase = .unloaded }
            // Memory that is being given back will be offered again when the worker is gone.
            let isGivingBack = models.values.contains { $0.targets.contains(where: \.isDraining) }
            guard !isGivingBack else {
                return []
            }
            exclude(id, Exclusion(reason: "pool full", message: error.message, isForMemory: true))
            return serve(id.model, now: now)
        }
    }

    /// The worker process exists.
    mutating func workerStarted(_ id: TargetID, pid: Int) {
        update(id) {
            switch $0.phase {
            case .loading(_, let progress): $0.phase = .loading(pid: pid, progress: progress)
            case .draining: $0.phase = .draining(pid: pid)
            default: break
            }
        }
    }

    /// The worker is loading; `progress` is 0…1.
    mutating func workerProgressed(_ id: TargetID, progress: Double) {
        update(id) {
            if case .loading(let pid, _) = $0.phase {
                $0.phase = .loading(pid: pid, progress: progress)
            }
        }
    }

    /// The worker answers.
    mutating func workerReady(_ id: TargetID, now: Instant) -> [PoolAction] {
        update(id) {
            if case .loading(let pid, _) = $0.phase, let pid {
                $0.phase = .ready(pid: pid, since: now)
                $0.loadDuration = $0.loadStarted.map { $0.duration(to: now) }
            }
        }
        return serve(id.model, now: now)
    }

    /// The worker is gone, asked to or not; `reason` says how it ended, in a sentence.
    mutating func workerExited(_ id: TargetID, reason: String, now: Instant) -> [PoolAction] {
        ledger.release(id)
        update(id) { [restarts] target in
            target.measured = nil
            target.workerEnded(reason: reason, now: now, policy: restarts)
        }
        // Memory became free, so any model may now have what it was refused.
        return names.flatMap { serve($0, now: now) } + restartResidents(now: now)
    }

    /// A worker's memory was read.
    ///
    /// - Returns: how much the ledger is over the budget now.
    mutating func measured(_ id: TargetID, _ memory: MeasuredMemory) -> MemorySize {
        guard self[target: id]?.pid != nil else {
            return .zero
        }
        update(id) { $0.measured = memory }
        return ledger.correct(id, measured: memory.resident)
    }

    /// Starts the loads of resident models, when the daemon starts.
    mutating func start() -> [PoolAction] {
        residents { $0 == .unloaded }
    }

    /// Starts resident models again whose back-off is over.
    mutating func restartResidents(now: Instant) -> [PoolAction] {
        residents { phase in
            if case .backingOff(let until, _) = phase {
                return until <= now
            }
            return false
        }
    }

    private mutating func residents(where isDue: (TargetState.Phase) -> Bool) -> [PoolAction] {
        guard !isShuttingDown else {
            return []
        }
        let targets = names.compactMap { models[$0] }.filter(\.configuration.isResident).flatMap(\.targets)
        let due = targets.filter { $0.id.kind.isLocal && isDue($0.phase) }.map(\.id)
        for id in due {
            update(id) { $0.phase = .inspecting }
        }
        return due.map(PoolAction.inspect)
    }

    /// Ends a model's workers: idle ones now, others when their last request is done.
    mutating func unload(_ name: ModelName) -> [PoolAction] {
        var actions: [PoolAction] = []
        for target in models[name]?.targets ?? [] where target.id.kind.isLocal {
            update(target.id) { state in
                switch state.phase {
                case .ready, .suspect, .loading:
                    if state.inFlight == 0 {
                        actions.append(.stop(target.id))
                    }
                    state.phase = .draining(pid: state.pid)
                case .backingOff, .failed:
                    state.phase = .unloaded
                    state.failures = 0
                case .up, .down, .unloaded, .inspecting, .draining:
                    break
                }
            }
        }
        return actions
    }

    private func isEmbedding(_ id: TargetID) -> Bool {
        guard case .local(let target) = self[target: id]?.configuration else {
            return false
        }
        return target.isEmbedding
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
        case .ready(_, let since), .suspect(_, let since):
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
