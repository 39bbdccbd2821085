import SaraiCore
import Testing

@testable import SaraiMemory

@Suite("Memory plan")
struct MemoryPlanTests {
    private let machine = MachineMemory(total: .gibibytes(16), available: .gibibytes(14))

    private func model(
        _ name: String, _ prediction: PlannedModel.Prediction, bestEffort: Bool = false, isLLM: Bool = true
    ) throws -> PlannedModel {
        let id = try target(name)
        return PlannedModel(
            name: id.model, target: id, prediction: prediction, isBestEffort: bestEffort, isLLM: isLLM)
    }

    private func local(_ mebibytes: Int) -> PlannedModel.Prediction {
        .local(Footprint(weightsMapped: .mebibytes(mebibytes - 10), kv: .mebibytes(10)))
    }

    private func plan(
        _ models: [PlannedModel], budget: MemorySize = .gibibytes(12), machine: MachineMemory? = nil, llms: Int = 3
    ) -> MemoryPlan {
        MemoryPlan.make(
            models: models, budget: budget, machine: machine ?? self.machine, maxConcurrentLLMs: llms)
    }

    @Test("fits what fits, and counts nothing for a remote")
    func fits() throws {
        let plan = plan([
            try model("solar", .remote), try model("lfm2", local(800)), try model("omni", local(6600)),
            try model("embedding", local(700), isLLM: false),
        ])
        #expect(plan.fits)
        #expect(plan.messages.isEmpty)
        #expect(plan.total.resident == .mebibytes(8100))
        #expect(plan.headroom == .gibibytes(12) - .mebibytes(8100))
        #expect(plan.lines.map(\.placement) == [.remote, .resident, .resident, .resident])
        #expect(plan.lines.map(\.model.name.rawValue) == ["solar", "lfm2", "omni", "embedding"])
    }

    @Test("says by how much it does not fit")
    func tooMuch() throws {
        let plan = plan([try model("solar", local(6700)), try model("omni", local(7000))])
        #expect(!plan.fits)
        #expect(plan.headroom == .mebibytes(12 * 1024 - 13_700))
        #expect(plan.messages == ["What is needed takes 13.4 GiB, 1.38 GiB more than the 12.0 GiB there are."])
    }

    @Test("leaves out what is best effort, wherever it stands")
    func bestEffort() throws {
        let plan = plan([
            try model("twin", local(6700), bestEffort: true), try model("omni", local(7000)),
            try model("small", local(800), bestEffort: true),
        ])
        #expect(plan.fits)
        #expect(plan.lines[0].placement == .leftOut("it needs 6.54 GiB, and 5.16 GiB are left"))
        #expect(plan.lines[1].placement == .resident && plan.lines[2].placement == .resident)
        #expect(plan.total.resident == .mebibytes(7800))
        #expect(
            plan.messages == ["'twin' is left out (best effort): it needs 6.54 GiB, and 5.16 GiB are left."])
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

    @Test("keeps its promises for any input", arguments: 0..<8 as Range<UInt64>)
    func properties(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let models = try (0..<Int.random(in: 0...8, using: &random)).map { index in
                let prediction: PlannedModel.Prediction =
                    Int.random(in: 0..<5, using: &random) == 0
                    ? .remote : local(Int.random(in: 10...6000, using: &random))
                return try model(
                    "m\(index)", prediction, bestEffort: Bool.random(using: &random),
                    isLLM: Bool.random(using: &random))
            }
            let budget = MemorySize.mebibytes(Int.random(in: 1...16_000, using: &random))
            let llms = Int.random(in: 0...6, using: &random)
            let plan = plan(models, budget: budget, llms: llms)
            #expect(plan == self.plan(models, budget: budget, llms: llms))
            let loaded = plan.lines.filter { $0.placement == .resident }
            if plan.fits {
                #expect(plan.total.resident <= plan.ceiling)
                #expect(loaded.count { $0.model.isLLM } <= llms)
            }
            #expect(
                plan.lines.allSatisfy { $0.model.isBestEffort || $0.placement == .resident || $0.placement == .remote })
            let larger = self.plan(models, budget: budget + .mebibytes(500), llms: llms)
            #expect(larger.fits || !plan.fits)
        }
    }
}
