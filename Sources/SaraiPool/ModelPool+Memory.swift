import Logging
import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SystemPackage

/// The plan, and what is measured against it.
extension ModelPool {
    /// Plans how everything is loaded, from what is known already. Starts nothing.
    ///
    /// What is wrong with a file is said when the model is asked for, and by `sarai doctor`.
    func makePlan() {
        let (planner, revision) = currentPlanner()
        adopt(planner.plan(), of: planner.configuration, revision: revision)
    }

    /// Asks the engine about what the plan is not certain of, and plans again.
    func refinePlan() async {
        let (planner, revision) = currentPlanner()
        guard let plan = try? await planner.exactPlan() else {
            return
        }
        saveFootprints()
        guard adopt(plan, of: planner.configuration, revision: revision) else {
            return
        }
        for message in plan.messages {
            logger.warning("memory plan", metadata: ["message": "\(message)"])
        }
        logger.info(
            "memory planned",
            metadata: ["fits": "\(plan.fits)", "models": "\(plan.total.resident)", "budget": "\(plan.budget)"])
    }

    /// Takes over a plan, unless there was a reload since it was begun.
    ///
    /// - Returns: whether it was taken over.
    @discardableResult
    private func adopt(_ plan: MemoryPlan, of configuration: Configuration, revision: Int) -> Bool {
        let plans = plan.targetPlans(of: configuration)
        return change { state in
            guard state.revision == revision else {
                return false
            }
            state.adopt(plans)
            return true
        }
    }

    /// How a target is to be loaded, and what it will take then, as exactly as can be known; or what is wrong with a file.
    func prediction(of target: LocalTargetConfiguration) async -> Result<TargetPlan, PoolError> {
        guard let plan = read({ $0[target: target.id]?.plan }) else {
            // Its file was not readable when the plan was made. If it is now, there is a plan with it.
            return planner.files(of: target).flatMap { _ in
                makePlan()
                return read { $0[target: target.id]?.plan }.map(Result.success)
                    ?? .failure(PoolError(.unavailable, "\(target.id) cannot be planned"))
            }
        }
        do throws(PoolError) {
            let footprint = try await planner.exactFootprint(of: target, settings: plan.settings)
            var exact = plan
            exact.footprint = footprint
            return .success(exact)
        } catch {
            return .failure(error)
        }
    }

    /// Whether the peak of a target, loaded as it is, was measured before: what requests happened to need is less.
    func isPeakKnown(of id: TargetID) -> Bool {
        key(of: id).flatMap { planner.footprints[$0]?.hasFullStep } == true
    }

    /// Measures workers: often while they work, when their memory changes, and seldom while they rest.
    func watchMemory() async {
        var lap = 0
        while !Task.isCancelled {
            if lap % 12 == 0, let own = try? ProcessMemory.own() {
                perform { $0.measuredDaemon(own, now: .now) }
            }
            try? await Task.sleep(for: .seconds(5))
            lap += 1
            let targets = read { state in
                state.models.values.flatMap(\.targets).filter { $0.pid != nil && ($0.inFlight > 0 || lap % 12 == 0) }
            }
            for target in targets {
                measure(target.id)
            }
            saveFootprints()
        }
    }

    /// Watches whether work on this machine stands still for want of memory.
    func watchPressure() async {
        var gauge = PressureGauge()
        if !MemoryPressure.read().isKnown {
            logger.info("this kernel does not tell of memory pressure; the budget alone protects the machine")
        }
        while !Task.isCancelled {
            let pressure = MemoryPressure.read()
            let level = gauge.update(pressure, now: .now)
            if level != read(\.pressure) {
                let worst = pressure.worst.map { "some \($0.some) %, full \($0.full) %" } ?? "unknown"
                logger.warning("memory pressure", metadata: ["level": "\(level.rawValue)", "last_10_s": "\(worst)"])
                perform { $0.pressureChanged(to: level, now: .now) }
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Reads a worker's memory, and remembers the most; after a full step, that this was one.
    func measure(_ id: TargetID, afterFullStep: Bool = false) {
        guard let pid = read({ $0[target: id]?.pid }), let memory = try? ProcessMemory.read(pid: Int32(pid)) else {
            return
        }
        if let key = key(of: id) {
            planner.footprints.note(memory, afterFullStep: afterFullStep, for: key)
        }
        perform { $0.measured(id, memory, now: .now) }
        let excess = read(\.ledger.excess)
        if excess > .zero {
            logger.warning("over budget", metadata: ["target": "\(id)", "excess": "\(excess)"])
        }
    }

    /// Reads a worker's memory by kind, as the plan predicted it: after its load, and again after its first full step.
    ///
    /// Not with each sample: the kernel writes a page of text for each of the worker's mappings.
    func measureKinds(_ id: TargetID) {
        guard let target = read({ $0[target: id] }), let pid = target.pid,
            let memory = try? ProcessMemory.kinds(pid: Int32(pid), modelFiles: target.files)
        else {
            return
        }
        let cached = target.files.compactMap { try? PageCache.cached(FilePath($0)) }.reduce(.zero, +)
        logger.info(
            "worker measured",
            metadata: [
                "target": "\(id)", "model_files": "\(memory.modelFiles)", "anonymous": "\(memory.anonymous)",
                "program": "\(memory.program)", "page_cache": "\(cached)",
            ])
        perform {
            $0.measured(id, MeasuredKinds(worker: memory, fileCache: cached))
            return []
        }
    }

    /// Writes down what was learned.
    func saveFootprints() {
        do {
            try planner.footprints.save()
        } catch {
            logger.warning("what was measured cannot be kept", metadata: ["error": "\(error)"])
        }
    }

    /// Under what a target's measurements are remembered, loaded as it is; `nil` where it is not loaded.
    private func key(of id: TargetID) -> FootprintKey? {
        guard let (target, loaded) = read({ state in state[target: id].map { ($0.started, $0.loaded) } }), let target,
            let loaded
        else {
            return nil
        }
        return planner.key(of: target, settings: loaded)
    }
}

extension MemoryPlan {
    /// What the plan says of each local target of its configuration.
    func targetPlans(of configuration: Configuration) -> [TargetID: TargetPlan] {
        var plans: [TargetID: TargetPlan] = [:]
        for line in lines {
            guard let settings = line.settings, let model = configuration.models.first(where: { $0.name == line.name })
            else {
                continue
            }
            let isPlanned = line.placement == .resident
            // Where not everything fits, models take turns, but for those that are meant to stay.
            let isHeld = model.isPinned || (fits && model.targets.contains { !$0.id.kind.isLocal })
            plans[line.target] = TargetPlan(
                settings: settings, footprint: line.footprint, isPlanned: isPlanned, isHeld: isPlanned && isHeld)
        }
        return plans
    }
}
