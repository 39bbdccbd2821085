import SaraiConfiguration
import SaraiCore
import SaraiMemory

/// A memory plan, as `sarai plan` shows it.
struct PlanReport: CommandResult {
    private let plan: ConfigurationPlan

    /// The report of a plan.
    init(_ plan: ConfigurationPlan) {
        self.plan = plan
    }

    var json: PlanJSON {
        PlanJSON(plan)
    }

    var quietLines: [String] { [] }

    func text(_ style: TextStyle) -> String {
        let memory = plan.memory
        var table = TextTable([
            .text("MODEL"), .text("TARGET"), .text("LOAD"), .number("WEIGHTS"), .number("KV"),
            .number("COMPUTE"), .number("PROJECTOR"), .number("OTHER"), .number("TOTAL"), .number("SHARE"),
            .number("LEFT"), .text("VERDICT"),
        ])
        var left = memory.ceiling
        for entry in plan.entries {
            left = left - entry.line.counted.resident
            table.add(row(of: entry, left: left))
        }
        let total = memory.total
        table.add(
            [.init("all", .strong), .init(""), .init("")] + figures(total)
                + [.init("\(total.resident)", .strong), share(total), .init("\(memory.headroom)"), .init("")])
        let messages = memory.messages.map { style($0, .caution) + "\n" }.joined()
        return table.text(style) + "\n" + messages + verdict(style) + "\n"
    }

    private func row(of entry: ConfigurationPlan.Entry, left: MemorySize) -> [TextTable.Cell] {
        let head: [TextTable.Cell] = [.init(entry.model.name.rawValue, .strong), .init(entry.targetText)]
        let dashes = Array(repeating: TextTable.Cell(nil), count: 8)
        switch entry.line.placement {
        case .remote: return head + dashes + [.init(nil), .init("takes nothing here")]
        case .impossible: return head + dashes + [.init(nil), .init("file unusable", .bad)]
        case .leftOut where entry.fault != nil: return head + dashes + [.init(nil), .init("file unusable", .bad)]
        case .leftOut: return head + sizes(of: entry) + [.init(nil), .init(nil), .init("left out", .caution)]
        case .resident:
            let fits = left >= .zero
            return head + sizes(of: entry) + [
                share(entry.line.footprint), .init("\(left)", fits ? .plain : .bad),
                .init(fits ? "fits" : "does not fit", fits ? .good : .bad),
            ]
        }
    }

    private func sizes(of entry: ConfigurationPlan.Entry) -> [TextTable.Cell] {
        let footprint = entry.line.footprint
        return [.init(footprint.loadMode)] + figures(footprint) + [.init("\(footprint.resident)")]
    }

    private func figures(_ footprint: Footprint) -> [TextTable.Cell] {
        [
            footprint.weightsMapped + footprint.weightsPrivate, footprint.kv, footprint.compute, footprint.projector,
            footprint.promptCache + footprint.overhead,
        ].map { TextTable.Cell($0 == .zero ? nil : "\($0)") }
    }

    private func share(_ footprint: Footprint) -> TextTable.Cell {
        let share = Double(footprint.resident.bytes) / Double(max(1, plan.memory.ceiling.bytes))
        return .init("\((share * 100).formatted(decimals: 0)) %")
    }

    private func verdict(_ style: TextStyle) -> String {
        let memory = plan.memory
        let total = memory.total.resident
        let faulty = plan.entries.filter { $0.fault != nil }.map(\.model.name.rawValue)
        guard faulty.isEmpty else {
            return style("Unusable files:", .bad) + " \(faulty.joined(separator: ", "))."
        }
        guard memory.fits else {
            return style("Does not fit.", .bad)
        }
        return style("Fits:", .good) + " \(total) of \(memory.ceiling), \(memory.headroom) left."
    }
}

extension ConfigurationPlan.Entry {
    /// The target, without the model's name, and whether it stands in for a server.
    fileprivate var targetText: String {
        let isTwin = target.id.kind.isLocal && model.targets.contains { !$0.id.kind.isLocal }
        return target.id.inBrief + (isTwin ? ", twin" : "")
    }
}

extension TargetID {
    /// The target without the model's name, which stands beside it.
    var inBrief: String {
        kind.rawValue + (server.map { "@\($0)" } ?? "")
    }
}

extension Footprint {
    /// How the weights come into memory.
    var loadMode: String {
        weightsPrivate > weightsMapped ? "private" : "mapped"
    }
}
