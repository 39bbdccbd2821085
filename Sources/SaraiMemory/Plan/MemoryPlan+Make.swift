package import SaraiCore

extension MemoryPlan {
    /// Plans which targets are loaded together, and how.
    ///
    /// Everything is wanted at its best. What does not fit so is made smaller, as far as the configuration allows and no
    /// further than necessary: see ``PlanReduction`` for the order. What is needed stays in the plan, whether it fits or not,
    /// so that the plan can say what is missing.
    ///
    /// - Parameters:
    ///   - models: one or more targets, each once.
    ///   - budget: what all of them and the daemon may take.
    ///   - machine: where they are to run.
    ///   - maxConcurrentLLMs: text models that may be loaded at the same time; embedding models do not count.
    ///   - reserve: what the daemon itself takes.
    /// - Returns: the plan, whether it fits or not.
    package static func make(
        models: [PlannedModel], budget: MemorySize, machine: MachineMemory, maxConcurrentLLMs: Int,
        reserve: MemorySize = .zero
    ) -> MemoryPlan {
        let limits = PlanLimits(
            budget: budget, machine: machine, reserve: reserve, maxConcurrentLLMs: maxConcurrentLLMs)
        var reduction = PlanReduction(models, maxConcurrentLLMs: maxConcurrentLLMs)
        while reduction.total > limits.room, reduction.reduce() {}
        let lines = models.indices.map { line($0, of: reduction, limits: limits) }
        let isPossible = lines.allSatisfy { $0.isPossible }
        let fits = limits.hold(reduction.total, llms: reduction.llmCount)
        return MemoryPlan(
            lines: lines, budget: budget, reserve: reserve, machine: machine, fits: fits && isPossible,
            messages: lines.compactMap(\.message) + limits.faults(of: reduction),
            waysOut: fits ? [] : WayOut.all(from: reduction, limits: limits))
    }

    private static func line(_ index: Int, of reduction: PlanReduction, limits: PlanLimits) -> Line {
        let model = reduction.models[index]
        let footprint = reduction.footprints[index]
        let placement: Placement =
            switch model.source {
            case .remote: .remote
            case .unknown(let reason): model.isNeeded ? .impossible(reason) : .leftOut(reason)
            case .local where reduction.isKept[index]: .resident
            case .local where reduction.surplus.contains(index): .leftOut("max_concurrent_llms is reached")
            case .local:
                .leftOut("it needs \(footprint.resident), and \(max(.zero, limits.room - reduction.total)) are left")
            }
        let settings = reduction.settings[index]
        let choices = model.candidate.flatMap { candidate in
            settings.map { ChoiceReasons(name: model.name, candidate: candidate, settings: $0).choices }
        }
        return Line(
            name: model.name, target: model.target, placement: placement, settings: settings, choices: choices ?? [],
            footprint: footprint)
    }
}

/// What a plan must keep to.
struct PlanLimits {
    let budget: MemorySize
    let machine: MachineMemory
    let reserve: MemorySize
    let maxConcurrentLLMs: Int

    /// The budget, or the machine where that is smaller.
    var ceiling: MemorySize {
        min(budget, machine.usable)
    }

    /// What is left for models.
    var room: MemorySize {
        ceiling - reserve
    }

    /// Whether so much memory and so many text models are possible.
    func hold(_ total: MemorySize, llms: Int) -> Bool {
        total <= room && llms <= maxConcurrentLLMs
    }

    /// What is wrong with a plan, for a person.
    func faults(of reduction: PlanReduction) -> [String] {
        var faults: [String] = []
        if budget > machine.usable {
            let what = machine.limit == nil ? "this machine has" : "the control group of this process allows"
            faults.append("The budget is \(budget), but \(what) only \(machine.usable): the smaller figure holds.")
        }
        let total = reduction.total
        if total > room {
            faults.append(
                "What is needed takes \(total + reserve), \(total - room) more than the \(ceiling) there are.")
        }
        if reduction.llmCount > maxConcurrentLLMs {
            faults.append(
                """
                \(reduction.llmCount) text models are needed on this machine together, but max_concurrent_llms is \
                \(maxConcurrentLLMs).
                """)
        }
        return faults
    }
}

extension MemoryPlan.Line {
    /// Whether it could be loaded at all, where it must be.
    fileprivate var isPossible: Bool {
        guard case .impossible = placement else {
            return true
        }
        return false
    }

    /// What a person should know about the line; nothing where all is well.
    fileprivate var message: String? {
        switch placement {
        case .remote, .resident: nil
        case .leftOut(let reason): "'\(name)' is left out (best effort): \(reason)."
        case .impossible(let reason): "'\(name)' cannot be loaded: \(reason)."
        }
    }
}
