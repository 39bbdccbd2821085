import SaraiCore
import Testing

@testable import SaraiMemory

@Suite("Memory plan")
struct MemoryPlanTests {
    private let machine = MachineMemory(total: .gibibytes(16), available: .gibibytes(14))

    private func model(
        _ name: String, _ source: PlannedModel.Source, bestEffort: Bool = false, isLLM: Bool = true
    ) throws -> PlannedModel {
        let id = try target(name)
        return PlannedModel(name: id.model, target: id, source: source, isBestEffort: bestEffort, isLLM: isLLM)
    }

    /// A target that takes so much, however it is loaded.
    private func local(_ mebibytes: Int) -> PlannedModel.Source {
        let settings = LoadSettings(contextLength: 2048)
        let footprint = Footprint(weightsMapped: .mebibytes(mebibytes - 10), kv: .mebibytes(10))
        return .local(LocalCandidate(wanted: settings, allowance: .init(only: settings)) { _ in footprint })
    }

    private func plan(
        _ models: [PlannedModel], budget: MemorySize = .gibibytes(12), machine: MachineMemory? = nil, llms: Int = 3,
        reserve: MemorySize = .zero
    ) -> MemoryPlan {
        MemoryPlan.make(
            models: models, budget: budget, machine: machine ?? self.machine, maxConcurrentLLMs: llms,
            reserve: reserve)
    }

    @Test("fits what fits, and counts nothing for a remote")
    func fits() throws {
        let plan = plan(
            [
                try model("solar", .remote), try model("lfm2", local(800)), try model("omni", local(6600)),
                try model("embedding", local(700), isLLM: false),
            ], reserve: .mebibytes(64))
        #expect(plan.fits)
        #expect(plan.messages.isEmpty && plan.waysOut.isEmpty)
        #expect(plan.total.resident == .mebibytes(8100))
        #expect(plan.headroom == .gibibytes(12) - .mebibytes(8164))
        #expect(plan.lines.map(\.placement) == [.remote, .resident, .resident, .resident])
        #expect(plan.lines.map(\.name.rawValue) == ["solar", "lfm2", "omni", "embedding"])
        let omni = try target("omni"), solar = try target("solar")
        #expect(plan.settings(of: omni)?.contextLength == 2048)
        #expect(plan.settings(of: solar) == nil)
    }

    @Test("says by how much it does not fit")
    func tooMuch() throws {
        let models = [try model("solar", local(6700)), try model("omni", local(7000))]
        let plan = plan(models, reserve: .mebibytes(100))
        #expect(!plan.fits)
        #expect(plan.headroom == .mebibytes(12 * 1024 - 13_800))
        #expect(plan.messages == ["What is needed takes 13.5 GiB, 1.48 GiB more than the 12.0 GiB there are."])
    }

    @Test("counts the daemon itself")
    func reserve() throws {
        let models = [try model("a", local(1000))]
        #expect(plan(models, budget: .mebibytes(1064), reserve: .mebibytes(64)).fits)
        #expect(!plan(models, budget: .mebibytes(1063), reserve: .mebibytes(64)).fits)
    }

    @Test("leaves out what is best effort, the largest first, wherever it stands")
    func bestEffort() throws {
        let plan = plan([
            try model("twin", local(6700), bestEffort: true), try model("omni", local(7000)),
            try model("small", local(800), bestEffort: true),
        ])
        #expect(plan.fits)
        #expect(plan.lines[0].placement == .leftOut("it needs 6.54 GiB, and 4.38 GiB are left"))
        #expect(plan.lines[1].placement == .resident && plan.lines[2].placement == .resident)
        #expect(plan.total.resident == .mebibytes(7800))
        #expect(
            plan.messages == ["'twin' is left out (best effort): it needs 6.54 GiB, and 4.38 GiB are left."])
        let twin = try target("twin")
        #expect(plan.settings(of: twin) != nil)
    }

    @Test("counts text models, not embedding models")
    func llmCount() throws {
        let models = [
            try model("a", local(100)), try model("b", local(100)), try model("e", local(100), isLLM: false),
            try model("c", local(100), bestEffort: true),
        ]
        #expect(plan(models, llms: 2).lines.last?.placement == .leftOut("max_concurrent_llms is reached"))
        let one = plan(models, llms: 1)
        #expect(!one.fits)
        #expect(
            one.messages.last
                == "2 text models are needed on this machine together, but max_concurrent_llms is 1.")
    }

    @Test("does not promise more than the machine has")
    func smallMachine() throws {
        let small = MachineMemory(total: .gibibytes(8), available: .gibibytes(7))
        let plan = plan([try model("solar", local(9000))], machine: small)
        #expect(!plan.fits)
        #expect(plan.ceiling == .gibibytes(8))
        #expect(
            plan.messages == [
                "The budget is 12.0 GiB, but this machine has only 8.00 GiB: the smaller figure holds.",
                "What is needed takes 8.79 GiB, 808 MiB more than the 8.00 GiB there are.",
            ])
        #expect(!plan.waysOut.contains { $0.kind == .budget })
    }

    @Test("reports what cannot be predicted")
    func unknown() throws {
        let plan = plan([
            try model("a", .unknown("there is no file /models/a.gguf")),
            try model("b", .unknown("there is no file /models/b.gguf"), bestEffort: true),
        ])
        #expect(!plan.fits)
        #expect(
            plan.messages == [
                "'a' cannot be loaded: there is no file /models/a.gguf.",
                "'b' is left out (best effort): there is no file /models/b.gguf.",
            ])
        #expect(plan.total == .zero)
    }
}
