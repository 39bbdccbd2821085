import SaraiConfiguration
package import SaraiCore
import SaraiMemory

extension ModelPool {
    /// The resident models that are not there yet.
    package func missingResidents() -> [ModelName] {
        read { state in
            state.names.filter { name in
                guard let model = state.models[name], model.configuration.isResident else {
                    return false
                }
                return !model.targets.contains { $0.id.kind.isLocal && $0.isReady }
            }
        }
    }

    /// The pool now, with workers measured at this moment.
    package func snapshot() -> PoolSnapshot {
        for target in read({ state in state.models.values.flatMap(\.targets).filter { $0.pid != nil } }) {
            measure(target.id)
        }
        let daemon = try? ProcessMemory.own()
        let machine = (try? MachineMemory.read())?.total ?? .zero
        var snapshot = read {
            $0.snapshot(daemon: daemon ?? MeasuredMemory(hard: .zero, mapped: .zero), machine: machine, now: .now)
        }
        for index in snapshot.models.indices {
            snapshot.models[index].totals = PoolSnapshot.Totals(metrics, model: snapshot.models[index].name)
        }
        return snapshot
    }
}

extension PoolState {
    /// The state as others see it.
    func snapshot(daemon: MeasuredMemory, machine: MemorySize, now: Instant) -> PoolSnapshot {
        let models = names.compactMap(configured)
        let measured = self.models.values.flatMap(\.targets).compactMap(\.measured) + [daemon]
        return PoolSnapshot(
            budgetBytes: ledger.budget.bytes,
            reservedBytes: ledger.charged.bytes,
            residentBytes: measured.reduce(0) { $0 + $1.resident.bytes },
            hardBytes: measured.reduce(0) { $0 + $1.hard.bytes },
            machineBytes: machine.bytes,
            daemonBytes: daemon.resident.bytes,
            pressure: pressure,
            cores: PoolSnapshot.Cores(cores, now: now),
            models: models.map { $0.snapshot(in: self, now: now) })
    }
}

extension PoolState.Model {
    fileprivate func snapshot(in state: PoolState, now: ContinuousClock.Instant) -> PoolSnapshot.Model {
        let states = targets.map { $0.snapshot(now: now) }
        // The target that a request would get: the first that is ready, else the first that can become so.
        let current = states.firstIndex { $0.state == .ready } ?? states.firstIndex { $0.state != .failed } ?? 0
        let local = targets.first { $0.id.kind.isLocal }
        let settings = local?.loaded ?? local?.plan?.settings
        return PoolSnapshot.Model(
            name: configuration.name.rawValue,
            role: configuration.role.rawValue,
            state: states[current].state,
            target: states[current].id,
            targets: states,
            pid: local?.pid,
            predictedBytes: local?.predicted?.resident.bytes,
            measuredBytes: local?.measured?.resident.bytes ?? 0,
            predictedKinds: local?.predicted.map(PoolSnapshot.PredictedKinds.init),
            measuredKinds: local?.measuredKinds.map(PoolSnapshot.MeasuredKinds.init),
            inFlight: targets.reduce(0) { $0 + $1.inFlight },
            queued: waiting.count,
            queue: queue(of: state, now: now),
            resident: configuration.isResident,
            pinned: isPinned,
            held: local.flatMap { state.ledger.reservations[$0.id]?.isHeld } ?? false,
            settings: settings.map { "\($0)" },
            contextLength: settings?.contextLength,
            expiresIn: isPinned ? nil : local?.expiry(now: now).map { now.duration(to: $0).seconds })
    }
}

extension PoolState.Model {
    /// Those who wait, those in front who are served first.
    fileprivate func queue(of state: PoolState, now: ContinuousClock.Instant) -> [PoolSnapshot.Waiting] {
        var line = self
        return line.line().enumerated().map { place, waiter in
            var target: TargetID?
            if case .wait(let id) = state.decide(waiter, now: now) {
                target = id
            }
            return PoolSnapshot.Waiting(
                client: waiter.client, position: place + 1, waitedSeconds: waiter.since.duration(to: now).seconds,
                target: target.map { "\($0)" })
        }
    }
}

extension TargetState {
    fileprivate func snapshot(now: ContinuousClock.Instant) -> PoolSnapshot.Target {
        var snapshot = PoolSnapshot.Target(
            id: "\(id)", kind: id.kind.rawValue, state: .ready, pid: pid, inFlight: inFlight, capacity: capacity,
            server: remote.map { PoolSnapshot.ServerHealth($0, now: now) },
            probe: lastProbe.map { PoolSnapshot.Probe($0, now: now) })
        switch phase {
        case .ready: break
        case .remote:
            let report = remote?.breaker.report(now: now)
            snapshot.state = report?.name == .open ? .failed : .ready
            snapshot.reason = report?.reason
        case .unloaded: snapshot.state = .unloaded
        case .draining: snapshot.state = .draining
        case .inspecting: snapshot.state = .loading
        case .suspect:
            snapshot.state = .loading
            snapshot.reason = "a request broke off; checking whether the worker still answers"
        case .loading(_, let progress):
            snapshot.state = .loading
            snapshot.progress = progress
        case .backingOff(_, let reason):
            snapshot.state = .failed
            snapshot.reason = "\(reason); it will be started again"
        case .failed(_, let reason):
            snapshot.state = .failed
            snapshot.reason = reason
        }
        return snapshot
    }
}
