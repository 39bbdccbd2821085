package import SaraiCore

extension MemoryPlan {
    /// Plans which targets are loaded together.
    ///
    /// What is needed comes first, whether it fits or not, so that the plan can say what is missing. What is best
    /// effort follows in the order given, each as far as memory and the number of text models allow.
    ///
    /// - Parameters:
    ///   - models: one or more targets, each once.
    ///   - budget: what all of them may take.
    ///   - machine: where they are to run.
    ///   - maxConcurrentLLMs: text models that may be loaded at the same time; embedding models do not count.
    /// - Returns: the plan, whether it fits or not.
    package static func make(
        models: [PlannedModel], budget: MemorySize, machine: MachineMemory, maxConcurrentLLMs: Int
    ) -> MemoryPlan {
        var state = PlanState(free: min(budget, machine.usable), freeLLMs: maxConcurrentLLMs)
        var placements = models.map { _ in Placement.remote }
        for bestEffort in [false, true] {
            for (index, model) in models.enumerated() where model.isBestEffort == bestEffort {
                placements[index] = state.place(model)
            }
        }
        let lines = zip(models, placements).map { Line(model: $0, placement: $1) }
        let faults = state.faults(budget: budget, machine: machine, maxConcurrentLLMs: maxConcurrentLLMs)
        return MemoryPlan(
            lines: lines, budget: budget, machine: machine, fits: state.fits,
            messages: lines.compactMap(\.message) + faults)
    }
}

/// What is left while a plan is made.
private struct PlanState {
    /// Memory; negative once what is needed exceeds it.
    var free: MemorySize
    /// Text models; negative likewise.
    var freeLLMs: Int
    /// Targets that are needed and cannot be loaded at all.
    var isImpossible = false

    var fits: Bool {
        !isImpossible && free >= .zero && freeLLMs >= 0
    }

    mutating func place(_ model: PlannedModel) -> MemoryPlan.Placement {
        switch model.prediction {
        case .remote:
            return .remote
        case .unknown(let reason):
            guard !model.isBestEffort else {
                return .leftOut(reason)
            }
            isImpossible = true
            return .impossible(reason)
        case .local(let footprint):
            let needs = footprint.resident
            if model.isBestEffort {
                guard !model.isLLM || freeLLMs > 0 else {
                    return .leftOut("max_concurrent_llms is reached")
                }
                guard needs <= free else {
                    return .leftOut("it needs \(needs), and \(max(.zero, free)) are left")
                }
            }
            free = free - needs
            freeLLMs -= model.isLLM ? 1 : 0
            return .resident
        }
    }

    func faults(budget: MemorySize, machine: MachineMemory, maxConcurrentLLMs: Int) -> [String] {
        var faults: [String] = []
        if budget > machine.usable {
            let what = machine.limit == nil ? "this machine has" : "the control group of this process allows"
            faults.append("The budget is \(budget), but \(what) only \(machine.usable): the smaller figure holds.")
        }
        if free < .zero {
            let ceiling = min(budget, machine.usable)
            faults.append("What is needed takes \(ceiling - free), \(.zero - free) more than the \(ceiling) there are.")
        }
        if freeLLMs < 0 {
            faults.append(
                """
                \(maxConcurrentLLMs - freeLLMs) text models are needed on this machine together, but \
                max_concurrent_llms is \(maxConcurrentLLMs).
                """)
        }
        return faults
    }
}

extension MemoryPlan.Line {
    /// What a person should know about the line; nothing where all is well.
    fileprivate var message: String? {
        switch placement {
        case .remote, .resident: nil
        case .leftOut(let reason): "'\(model.name)' is left out (best effort): \(reason)."
        case .impossible(let reason): "'\(model.name)' cannot be loaded: \(reason)."
        }
    }
}
