import SaraiConfiguration
import SaraiCore
import SaraiMemory

/// Who gets memory, and who makes room for it.
extension PoolState {
    /// What a load that does not fit could do.
    enum Room {
        /// It fits.
        case free
        /// It must wait: memory is on its way, or everybody is busy.
        case wait
        /// These must be unloaded first.
        case unload([TargetID])
        /// There is none for this request, whoever is unloaded.
        case none(String)
    }

    /// Busy models are asked to make room when a load has waited this long for an idle one.
    static let patience = Duration.seconds(2)

    /// Between two models that are unloaded under memory pressure.
    static let reliefInterval = Duration.seconds(5)

    /// Takes over a plan: how each target is loaded from now on, and what is held for it.
    mutating func adopt(_ plans: [TargetID: TargetPlan]) {
        var held: [(id: TargetID, bytes: MemorySize, isLLM: Bool)] = []
        for target in names.compactMap({ models[$0] }).flatMap(\.targets) {
            guard let plan = plans[target.id] else {
                continue
            }
            update(target.id) { target in
                target.plan = plan
                if !target.hasWorker {
                    target.predicted = plan.footprint
                }
            }
            if plan.isHeld {
                held.append((target.id, plan.footprint.resident, target.isLLM))
            }
        }
        ledger.hold(held)
    }

    /// Where the memory for a target can come from, for somebody who has waited since `since`.
    func room(for target: TargetState, since: Instant, now: Instant) -> Room {
        // A target whose files were not read yet is looked at first; then this is asked again.
        guard let needs = target.predicted?.resident else {
            return .free
        }
        guard pressure == .calm else {
            return .wait
        }
        guard let refusal = ledger.refusal(of: target.id, bytes: needs, isLLM: target.isLLM) else {
            return .free
        }
        let missing = refusal.shortage - memoryOnItsWay
        let missingLLMs = refusal.code == .tooManyModels ? 1 - llmsOnTheirWay : 0
        guard missing > .zero || missingLLMs > 0 else {
            return .wait
        }
        switch onFull(of: target.id.model) {
        case .reject, .remote:
            return .none(refusal.message)
        case .queue:
            return canEverFit(target, needs: needs) ? .wait : .none(refusal.message)
        case .evict:
            guard canEverFit(target, needs: needs) else {
                return .none(refusal.message)
            }
            let isPatient = since.duration(to: now) < Self.patience
            let candidates = guests { $0.id != target.id && (!isPatient || $0.inFlight == 0) }
            return Victims(candidates).chosen(for: missing, llms: missingLLMs).map(Room.unload) ?? .wait
        }
    }

    /// What happens when a model is needed and memory does not hold it.
    func onFull(of model: ModelName) -> OnFull {
        models[model]?.configuration.onFull ?? defaultOnFull
    }

    /// Unloads idle models while more is charged than there is, or while the machine is short of memory.
    mutating func relieve(now: Instant) -> [PoolAction] {
        let excess = ledger.excess - memoryOnItsWay
        if excess > .zero {
            let idle = guests { $0.inFlight == 0 }
            let victims = Victims(idle).chosen(for: excess, llms: 0) ?? idle.map(\.id)
            return victims.flatMap { evict($0, now: now) }
        }
        // One at a time: what the first gives back may be enough, and it takes the kernel a while to say so.
        guard pressure == .evict, ending.isEmpty, now >= nextRelief else {
            return []
        }
        nextRelief = now + Self.reliefInterval
        let idle = evictable { $0.inFlight == 0 }
        return idle.max { $0.resident < $1.resident }.map { evict($0.id, now: now) } ?? []
    }

    /// Unloads a model because memory is short; `beneficiary` is the model that needs it, where it is one.
    mutating func evict(_ id: TargetID, for beneficiary: ModelName? = nil, now: Instant) -> [PoolAction] {
        let reason = beneficiary.map { "it made room for \($0)" } ?? "the machine is short of memory"
        return [.post(.evicted(id, for: beneficiary))] + drain(id, because: reason, now: now)
    }

    /// The machine's memory pressure has changed.
    mutating func pressureChanged(to level: PressureLevel, now: Instant) -> [PoolAction] {
        pressure = level
        return [.post(.pressure(level))] + relieve(now: now) + (level == .calm ? serveAll(now: now) : [])
    }

    /// Loaded targets that may be unloaded.
    private func evictable(where isIncluded: (TargetState) -> Bool) -> [TargetState] {
        names.compactMap { models[$0] }.filter { !$0.isPinned && $0.holds == 0 }.flatMap(\.targets)
            .filter { $0.isReady && isIncluded($0) }
    }

    /// Loaded targets whose memory others could have: what the plan holds for a target is not among it.
    private func guests(where isIncluded: (TargetState) -> Bool) -> [Victims.Candidate] {
        evictable(where: isIncluded).compactMap { target in
            guard let reservation = ledger.reservations[target.id], !reservation.isHeld else {
                return nil
            }
            return Victims.Candidate(
                id: target.id, charge: reservation.charge, isLLM: reservation.isLLM, isBusy: target.inFlight > 0,
                isPlanned: target.plan?.isPlanned ?? false, reload: target.reloadTime, lastUsed: target.lastUsed)
        }
    }

    /// Memory of workers that are ending.
    private var memoryOnItsWay: MemorySize {
        ending.filter { !$0.isHeld }.reduce(.zero) { $0 + $1.charge }
    }

    private var llmsOnTheirWay: Int {
        ending.count { $0.isLLM && !$0.isHeld }
    }

    private var ending: [MemoryLedger.Reservation] {
        models.values.flatMap(\.targets).filter(\.isDraining).compactMap { ledger.reservations[$0.id] }
    }

    /// Whether a target would fit if everything were unloaded that may be.
    private func canEverFit(_ target: TargetState, needs: MemorySize) -> Bool {
        var best = ledger
        for (id, reservation) in ledger.reservations where id != target.id && !reservation.isHeld {
            if models[id.model]?.isPinned != true {
                best.release(id)
            }
        }
        return best.refusal(of: target.id, bytes: needs, isLLM: target.isLLM) == nil
    }
}

/// What the plan says of a local target.
struct TargetPlan: Hashable, Sendable {
    /// How it is loaded.
    var settings: LoadSettings
    /// What it will take.
    var footprint: Footprint
    /// Whether it has its place beside all the others of the plan.
    var isPlanned = true
    /// Whether its memory is its own, loaded or not.
    var isHeld: Bool
}
