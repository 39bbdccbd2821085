import SaraiCore

/// Looks for ways out of a plan that does not fit although everything is as small as the configuration allows.
struct WayOutFinder {
    let reduction: PlanReduction
    let limits: PlanLimits

    /// The models that take memory here, the best-effort ones being left out already.
    var kept: [(index: Int, model: PlannedModel)] {
        reduction.models.enumerated().filter { reduction.isKept[$0.offset] }.map {
            (index: $0.offset, model: $0.element)
        }
    }

    /// Whether everything fits with so much less memory and so many text models less.
    func suffices(_ saving: MemorySize, llms: Int = 0) -> Bool {
        limits.hold(reduction.total - saving, llms: reduction.llmCount - llms)
    }

    /// What a model takes.
    func size(_ index: Int) -> MemorySize {
        reduction.footprints[index].resident
    }

    /// A way out in words, with its figures.
    func way(
        _ kind: WayOut.Kind, _ text: String, changes: [WayOut.Change], saves: MemorySize, llms: Int = 0
    ) -> WayOut {
        let isEnough = suffices(saves, llms: llms)
        let verdict = isEnough ? "then it fits" : "not enough alone"
        return WayOut(
            kind: kind, changes: changes, saves: saves, suffices: isEnough, text: "\(text): saves \(saves), \(verdict)")
    }

    // MARK: Models elsewhere, or not at all

    /// Changes that take a model, or a part of it, out of this machine's memory.
    var modelWays: [WayOut] {
        kept.flatMap { [elsewhere($0.index, $0.model), withoutProjector($0.index, $0.model)].compactMap(\.self) }
            + withoutModels
    }

    private func elsewhere(_ index: Int, _ model: PlannedModel) -> WayOut? {
        let name = model.name, llms = model.isLLM ? 1 : 0
        switch model.server {
        case .preferred where !model.isPinned:
            let change = WayOut.Change(model: name, key: "best_effort", value: "true")
            let text = "best_effort: true for \(name), whose server answers: its copy loads only where there is room"
            return way(.bestEffort, text, changes: [change], saves: size(index), llms: llms)
        case .preferred:
            // A pin says that the copy must be here.
            return nil
        case .unused:
            let change = WayOut.Change(model: name, key: "best_effort", value: "true")
            return way(
                .server, "Leave \(name) to its server (scenario hybrid)", changes: [change], saves: size(index),
                llms: llms)
        case .none:
            let change = WayOut.Change(model: name, key: "servers", value: nil)
            return way(.server, "Serve \(name) from a server", changes: [change], saves: size(index), llms: llms)
        }
    }

    private func withoutProjector(_ index: Int, _ model: PlannedModel) -> WayOut? {
        let projector = reduction.footprints[index].projector
        guard projector > .zero, reduction.total > limits.room else {
            return nil
        }
        let change = WayOut.Change(model: model.name, key: "mmproj", value: nil)
        return way(
            .projector, "\(model.name) without its mmproj, for text only", changes: [change], saves: projector)
    }

    /// Each model without which the others fit; where one is not enough, the fewest.
    private var withoutModels: [WayOut] {
        let singles = kept.map { without([$0]) }.filter(\.suffices)
        guard singles.isEmpty else {
            return singles
        }
        let bySize = kept.sorted { (size($1.index), $0.index) < (size($0.index), $1.index) }
        return (2...max(2, bySize.count)).lazy.filter { $0 < bySize.count }
            .map { without(Array(bySize.prefix($0))) }.first(where: \.suffices).map { [$0] } ?? []
    }

    private func without(_ models: [(index: Int, model: PlannedModel)]) -> WayOut {
        let names = models.map(\.model.name.rawValue)
        return way(
            .without, "Without \(names.inWords)",
            changes: models.map { WayOut.Change(model: $0.model.name, key: "gguf", value: nil) },
            saves: models.reduce(.zero) { $0 + size($1.index) }, llms: models.count { $0.model.isLLM })
    }

    // MARK: Other limits

    /// A larger budget, more text models.
    var limitWays: [WayOut] {
        [largerBudget, moreModels].compactMap(\.self)
    }

    private var largerBudget: WayOut? {
        let needed = reduction.total + limits.reserve
        // To a tenth of a GiB, as people write it.
        let tenths = (needed.bytes * 10 + (1 << 30) - 1) >> 30
        guard needed > limits.budget, tenths << 30 <= limits.machine.usable.bytes * 10 else {
            return nil
        }
        let value = (Double(tenths) / 10).formatted(decimals: 1)
        return WayOut(
            kind: .budget, changes: [.init(model: nil, key: "memory.max_ram_gb", value: value)], saves: .zero,
            suffices: reduction.llmCount <= limits.maxConcurrentLLMs,
            text: "memory.max_ram_gb \(value) would do: the machine has \(limits.machine.usable)")
    }

    private var moreModels: WayOut? {
        guard reduction.llmCount > limits.maxConcurrentLLMs else {
            return nil
        }
        let value = "\(reduction.llmCount)"
        return WayOut(
            kind: .concurrency, changes: [.init(model: nil, key: "memory.max_concurrent_llms", value: value)],
            saves: .zero, suffices: reduction.total <= limits.room, text: "memory.max_concurrent_llms \(value)")
    }
}

extension [String] {
    /// `solar`, `solar and omni`, `solar, lfm2 and omni`.
    var inWords: String {
        count < 2 ? joined() : dropLast().joined(separator: ", ") + " and " + (last ?? "")
    }
}
