import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SaraiPipelines
import SaraiPool

/// The scenarios side by side.
struct ScenarioTable {
    private let comparison: PlanComparison

    /// The table of all plans.
    init(_ comparison: PlanComparison) {
        self.comparison = comparison
    }

    /// The lines of the table, each with a newline.
    func text(_ style: TextStyle) -> String {
        var table = TextTable([
            .text("SCENARIO"), .number("TOTAL"), .number("%RAM"), .number("%MAX"), .number("LEFT"), .text("VERDICT"),
            .text(""),
        ])
        for plan in comparison.all {
            let memory = plan.memory, total = memory.total.resident + memory.reserve
            let isChosen = plan.scenario == comparison.chosen.scenario
            table.add([
                .init(plan.scenario.rawValue, isChosen ? .strong : .plain), .init(total.inMebibytes),
                .init(total.share(of: memory.machine.total)), .init(total.share(of: memory.budget)),
                .init(memory.headroom.inMebibytes, memory.headroom < .zero ? .bad : .plain),
                .init(plan.verdict, plan.isSound ? .good : .bad), .init(plan.scenario.summary, .faint),
            ])
        }
        return table.text(style)
    }
}

extension ConfigurationPlan {
    /// The verdict in a few words.
    fileprivate var verdict: String {
        guard entries.allSatisfy({ $0.fault == nil }) else {
            return "files unusable"
        }
        guard memory.fits else {
            return "does not fit"
        }
        return leftOut.isEmpty ? "fits" : "fits without \(leftOut.joined(separator: ", "))"
    }
}
