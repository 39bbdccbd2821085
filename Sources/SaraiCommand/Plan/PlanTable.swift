import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SaraiPipelines

/// The table of a plan: what takes how much.
struct PlanTable {
    private let plan: ConfigurationPlan

    /// The table of a plan.
    init(_ plan: ConfigurationPlan) {
        self.plan = plan
    }

    private var memory: MemoryPlan { plan.memory }

    /// The lines of the table, each with a newline.
    func text(_ style: TextStyle) -> String {
        var table = TextTable([
            .text("COMPONENT"), .text("TARGET"), .text("LOAD"), .text("CONTEXT"), .text("KV"), .number("WEIGHTS"),
            .number("CACHE"), .number("COMPUTE"), .number("MEDIA"), .number("OTHER"), .number("TOTAL"),
            .number("%RAM"), .number("%MAX"), .number("LEFT"), .text("VERDICT"),
        ])
        var left = memory.ceiling - memory.reserve
        table.add(daemonRow(left: left))
        for entry in plan.entries {
            left = left - entry.line.counted.resident
            table.add(row(of: entry, left: left))
        }
        let total = memory.total
        table.add(
            [.init("all", .strong)] + Array(repeating: .init(""), count: 4) + figures(total, other: memory.reserve)
                + sums(total.resident + memory.reserve, left: memory.headroom) + [.init("")])
        return table.text(style)
    }

    private func daemonRow(left: MemorySize) -> [TextTable.Cell] {
        [.init("(daemon)"), .init("sarai")] + Array(repeating: .init(nil), count: 3)
            + figures(.zero, other: memory.reserve) + sums(memory.reserve, left: left) + [.init("")]
    }

    private func row(of entry: ConfigurationPlan.Entry, left: MemorySize) -> [TextTable.Cell] {
        let head: [TextTable.Cell] = [.init(entry.model.name.rawValue, .strong), .init(entry.targetText)]
        let dashes = Array(repeating: TextTable.Cell(nil), count: 12)
        let line = entry.line
        switch line.placement {
        case .remote: return head + dashes + [.init("remote")]
        case .impossible: return head + dashes + [.init("unusable", .bad)]
        case .leftOut where entry.fault != nil: return head + dashes + [.init("unusable", .bad)]
        case .leftOut:
            return head + settings(of: line) + figures(line.footprint) + [.init(line.footprint.resident.inMebibytes)]
                + Array(repeating: .init(nil), count: 3) + [.init("left out", .caution)]
        case .resident:
            let fits = left >= .zero
            return head + settings(of: line) + figures(line.footprint) + sums(line.footprint.resident, left: left)
                + [.init(fits ? "fits" : "too much", fits ? .good : .bad)]
        }
    }

    private func settings(of line: MemoryPlan.Line) -> [TextTable.Cell] {
        guard let settings = line.settings else {
            return Array(repeating: .init(nil), count: 3)
        }
        guard !settings.isSpeech else {
            return [.init("int8"), .init(nil), .init(nil)]
        }
        // Models without a cache have no type of it.
        let type = line.footprint.kv > .zero ? settings.cacheType.rawValue : nil
        let mode = settings.loadMode == .engineDefault ? "both" : settings.loadMode.rawValue
        return [.init(mode), .init("\(settings.contextLength)×\(settings.slots)"), .init(type)]
    }

    private func figures(_ footprint: Footprint, other: MemorySize = .zero) -> [TextTable.Cell] {
        [
            footprint.weightsMapped + footprint.weightsPrivate, footprint.kv, footprint.compute, footprint.projector,
            footprint.promptCache + footprint.overhead + other,
        ].map { TextTable.Cell($0 == .zero ? nil : $0.inMebibytes) }
    }

    private func sums(_ total: MemorySize, left: MemorySize) -> [TextTable.Cell] {
        [
            .init(total.inMebibytes, .strong), .init(total.share(of: memory.machine.total)),
            .init(total.share(of: memory.budget)), .init(left.inMebibytes, left < .zero ? .bad : .plain),
        ]
    }
}

extension ConfigurationPlan.Entry {
    /// Where the model is, and whether that stands in for a server.
    fileprivate var targetText: String {
        guard target.id.kind.isLocal else {
            return target.id.kind.rawValue
        }
        return model.targets.contains { !$0.id.kind.isLocal } ? "local twin" : "local"
    }
}

extension MemorySize {
    /// Whole MiB, rounded; the unit stands elsewhere.
    var inMebibytes: String {
        (Double(bytes) / 1_048_576).formatted(decimals: 0)
    }

    /// The share of another size in percent, without the sign.
    func share(of whole: MemorySize) -> String {
        (Double(bytes) / Double(max(1, whole.bytes)) * 100).formatted(decimals: 0)
    }
}
