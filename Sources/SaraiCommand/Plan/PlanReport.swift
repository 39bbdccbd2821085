import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SaraiPipelines
import SaraiPool

/// A memory plan, as `sarai plan` shows it.
struct PlanReport: CommandResult {
    private let comparison: PlanComparison
    private let explainsAll: Bool

    /// The report of a plan.
    ///
    /// - Parameters:
    ///   - comparison: the plan, and those beside it.
    ///   - explainsAll: whether every choice and every way out is shown, not only those that matter most.
    init(_ comparison: PlanComparison, explainsAll: Bool) {
        self.comparison = comparison
        self.explainsAll = explainsAll
    }

    private var plan: ConfigurationPlan { comparison.chosen }

    var json: PlanJSON {
        PlanJSON(comparison)
    }

    var quietLines: [String] { [] }

    func text(_ style: TextStyle) -> String {
        let memory = plan.memory
        let head = """
            Scenario \(plan.scenario.rawValue): \(plan.scenario.summary).
            Sizes in MiB; %RAM of the machine's \(memory.machine.total), %MAX of the budget's \(memory.budget).
            """
        let messages = (memory.messages + plan.sharing).map { style($0, .caution) + "\n" }.joined()
        return [
            style(head, .faint) + "\n\n" + PlanTable(plan).text(style),
            choices(style),
            messages + verdict(style) + "\n",
            waysOut(style),
            pipelines(style),
            ScenarioTable(comparison).text(style),
        ].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The pipelines whose models the configuration has, and whether these are available together.
    private func pipelines(_ style: TextStyle) -> String {
        var table = TextTable([.text(""), .text(""), .text("")])
        var isEmpty = true
        for proof in comparison.pipelines {
            let models = proof.models.map(\.rawValue).joined(separator: ", ")
            let cell: TextTable.Cell
            switch proof.verdict {
            case .available(let size): cell = .init("together \(size)", .good)
            case .tooLarge(let reason): cell = .init(reason, .bad)
            case .incomplete: continue
            }
            isEmpty = false
            table.add([.init("sarai:\(proof.name)", .strong), .init(models), cell])
            for missing in proof.missing {
                table.add([.init(""), .init("without \(missing.model)", .caution), .init(missing.reason, .caution)])
            }
        }
        return isEmpty ? "" : table.text(style)
    }

    private func choices(_ style: TextStyle) -> String {
        var table = TextTable([.text(""), .text(""), .text("")])
        var isEmpty = true
        for entry in plan.entries {
            let isLoaded = entry.line.placement == .resident
            for choice in entry.line.choices where explainsAll || isLoaded && !choice.isAsWanted {
                isEmpty = false
                table.add([
                    .init(entry.model.name.rawValue, .strong), .init("\(choice.setting.rawValue) \(choice.value)"),
                    .init(choice.reason),
                ])
            }
        }
        return isEmpty ? "" : table.text(style)
    }

    /// As many ways out as a person wants to read; all are in the JSON.
    private func waysOut(_ style: TextStyle) -> String {
        let ways = plan.memory.waysOut
        guard !ways.isEmpty else {
            return ""
        }
        let enough = WayOut.Kind.allCases.flatMap { kind in
            ways.filter { $0.suffices && $0.kind == kind }.prefix(kind == .settings ? 4 : 2)
        }
        let shown = explainsAll ? ways : enough + ways.filter { !$0.suffices }.prefix(enough.isEmpty ? 8 : 4)
        let rest = ways.count - shown.count
        return style("Ways out:", .strong) + "\n"
            + shown.map { way in
                let mark = style(way.suffices ? "✓" : "·", way.suffices ? .good : .faint)
                return "  \(mark) \(Self.wrapped(way.text, indent: 4))\n"
            }.joined()
            + (rest > 0 ? "  \(style("and \(rest) more with --explain", .faint))\n" : "")
    }

    /// A sentence in lines that a terminal holds, the further ones indented.
    private static func wrapped(_ text: String, indent: Int, width: Int = 112) -> String {
        var lines: [String] = [""]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            if !last.isEmpty, indent + last.count + 1 + word.count > width {
                lines.append(String(word))
            } else {
                lines[lines.count - 1] = last.isEmpty ? String(word) : last + " " + word
            }
        }
        return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
    }

    private func verdict(_ style: TextStyle) -> String {
        let memory = plan.memory
        let faulty = plan.entries.filter { $0.fault != nil }.map(\.model.name.rawValue)
        guard faulty.isEmpty else {
            return style("Unusable files:", .bad) + " \(faulty.joined(separator: ", "))."
        }
        guard memory.fits else {
            return style("It does not fit.", .bad)
        }
        let total = memory.total.resident + memory.reserve
        return style("Fits:", .good) + " \(total) of \(memory.ceiling), \(memory.headroom) left."
    }
}

extension TargetID {
    /// The target without the model's name, which stands beside it.
    var inBrief: String {
        kind.rawValue + (server.map { "@\($0)" } ?? "")
    }
}
