import SaraiCore

/// A plan on its way from everything at its best to everything as small as it may be.
///
/// The steps and their order depend on the models alone, never on how much memory there is: a plan is the first state of
/// this sequence that fits. So with more memory no model can be worse off.
///
/// Best-effort models never cost a needed one anything. They give up what they can first, then they are left out, the
/// largest first; only then do needed models give up anything. What users miss least goes first, of that what saves most.
struct PlanReduction {
    let models: [PlannedModel]
    /// How each local target is loaded.
    private(set) var settings: [LoadSettings?]
    /// What each takes so.
    private(set) var footprints: [Footprint]
    /// Whether each is in the plan.
    private(set) var isKept: [Bool]
    /// Those left out because too many text models would be loaded.
    private(set) var surplus: Set<Int> = []
    private var steps: [LocalCandidate.Step?]

    /// Everything at its best, without the best-effort text models that are too many.
    init(_ models: [PlannedModel], maxConcurrentLLMs: Int) {
        self.models = models
        settings = models.map { $0.candidate?.best }
        footprints = models.map { _ in .zero }
        steps = models.map { _ in nil }
        isKept = models.map { $0.candidate != nil }
        for index in models.indices {
            look(at: index)
        }
        while llmCount > maxConcurrentLLMs, let index = largest(where: { $0.isLLM && !$0.isNeeded }) {
            isKept[index] = false
            surplus.insert(index)
        }
    }

    /// What everything in the plan takes.
    var total: MemorySize {
        keptIndices.reduce(.zero) { $0 + footprints[$1].resident }
    }

    /// Text models in the plan.
    var llmCount: Int {
        keptIndices.count { models[$0].isLLM }
    }

    /// Goes one step, unless everything is as small as it may be.
    ///
    /// - Returns: whether there was a step.
    mutating func reduce() -> Bool {
        if shrink(where: { !$0.isNeeded }) {
            return true
        }
        if let index = largest(where: { !$0.isNeeded }) {
            isKept[index] = false
            return true
        }
        return shrink(where: \.isNeeded)
    }

    /// Loads a target in another way.
    mutating func set(_ index: Int, _ changed: LoadSettings) {
        settings[index] = changed
        look(at: index)
    }

    private var keptIndices: [Int] {
        models.indices.filter { isKept[$0] }
    }

    private mutating func look(at index: Int) {
        guard let candidate = models[index].candidate, let current = settings[index] else {
            return
        }
        footprints[index] = candidate.footprint(current)
        steps[index] = candidate.step(from: current)
    }

    private mutating func shrink(where isMeant: (PlannedModel) -> Bool) -> Bool {
        let next = keptIndices.compactMap { index in
            isMeant(models[index]) ? steps[index].map { (index: index, step: $0) } : nil
        }.min { a, b in
            (a.step.setting, b.step.saving, a.index) < (b.step.setting, a.step.saving, b.index)
        }
        guard let next else {
            return false
        }
        set(next.index, next.step.settings)
        return true
    }

    /// The largest kept model of some, the last of those that are equally large.
    ///
    /// Because the largest goes first, whatever was left out would not fit beside what stayed.
    private func largest(where isMeant: (PlannedModel) -> Bool) -> Int? {
        keptIndices.filter { isMeant(models[$0]) }
            .max { (footprints[$0].resident, $0) < (footprints[$1].resident, $1) }
    }
}
