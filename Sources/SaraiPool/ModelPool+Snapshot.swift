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
        return read {
            $0.snapshot(daemon: daemon ?? MeasuredMemory(hard: .zero, mapped: .zero), machine: machine, now: .now)
        }
    }
}

extension PoolState {
    /// The state as others see it.
    func snapshot(daemon: MeasuredMemory, machine: MemorySize, now: Instant) -> PoolSnapshot {
        let models = names.compactMap { self.models[$0] }
        let measured = models.flatMap(\.targets).compactMap(\.measured) + [daemon]
        return PoolSnapshot(
            budgetBytes: ledger.budget.bytes,
            reservedBytes: ledger.charged.bytes,
            residentBytes: measured.reduce(0) { $0 + $1.resident.bytes },
            hardBytes: measured.reduce(0) { $0 + $1.hard.bytes },
            machineBytes: machine.bytes,
            daemonBytes: daemon.resident.bytes,
            pressure: pressure,
            cores: PoolSnapshot.Cores(cores, now: now),
            models: models.map { $0.snapshot(ledger: ledger, now: now) })
    }
}

extension PoolState.Model {
    fileprivate func snapshot(ledger: MemoryLedger, now: ContinuousClock.Instant) -> PoolSnapshot.Model {
        let states = targets.map(\.snapshot)
        // The target that a request would get: the first that is ready, else the first that can become so.
        let current = states.firstIndex { $0.state == .ready } ?? states.firstIndex { $0.state != .failed } ?? 0
        let local = targets.first { $0.id.kind.isLocal }
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
            resident: configuration.isResident,
            pinned: isPinned,
            held: local.flatMap { ledger.reservations[$0.id]?.isHeld } ?? false,
            settings: (local?.loaded ?? local?.plan?.settings).map { "\($0)" },
            expiresIn: isPinned ? nil : local?.expiry(now: now).map { now.duration(to: $0).seconds })
    }
}

extension TargetState {
    fileprivate var snapshot: PoolSnapshot.Target {
        var snapshot = PoolSnapshot.Target(
            id: "\(id)", kind: id.kind.rawValue, state: .ready, pid: pid, inFlight: inFlight, capacity: capacity)
        switch phase {
        case .up, .ready: break
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
        case .down(let reason), .failed(_, let reason):
            snapshot.state = .failed
            snapshot.reason = reason
        }
        return snapshot
    }
}
