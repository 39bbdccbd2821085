import SaraiCore
import Testing

@testable import SaraiMemory

@Suite("Properties of the plan")
struct PlanPropertyTests {
    /// Any model: any size, allowance and importance; half of them with memory that follows no formula.
    private func model(_ index: Int, _ random: inout SeededGenerator) -> FormulaModel {
        var model = FormulaModel(name: "m\(index)", weights: Int.random(in: 10...6000, using: &random))
        let isEmbedding = Int.random(in: 0..<4, using: &random) == 0
        let context = 256 * Int.random(in: 1...32, using: &random)
        model.wanted = LoadSettings(
            contextLength: context, slots: Int.random(in: 1...6, using: &random), isEmbedding: isEmbedding)
        let types: [[LoadSettings.CacheType]] = [
            [.f16], [.f16, .q8], [.q8, .f16], [.q8], [.f16, .q8, .q4], [.q4, .q8],
        ]
        let modes: [[LoadSettings.LoadMode]] = [[.mapped, .repacked], [.mapped], [.repacked]]
        model.allowance = LocalCandidate.Allowance(
            loadModes: modes.randomElement(using: &random) ?? [.mapped],
            cacheTypes: types.randomElement(using: &random) ?? [.f16],
            minContextLength: Int.random(in: 128...context, using: &random),
            minSlots: Int.random(in: 1...model.wanted.slots, using: &random),
            minMicroBatch: [128, 256, 512].randomElement(using: &random) ?? 128)
        model.isBestEffort = Bool.random(using: &random)
        model.isPinned = Int.random(in: 0..<5, using: &random) == 0
        model.isLLM = !isEmbedding
        model.perContext = Int.random(in: 2...64, using: &random)
        model.perStep = Int.random(in: 1...64, using: &random)
        model.irregularity = Bool.random(using: &random) ? 300 : 0
        if Bool.random(using: &random) {
            model.speeds = [.mapped: 10, .repacked: Double.random(in: 8...14, using: &random)]
        }
        return model
    }

    private func models(_ random: inout SeededGenerator) -> [FormulaModel] {
        (0..<Int.random(in: 0...7, using: &random)).map { model($0, &random) }
    }

    @Test("never over budget, deterministic, within the configuration, pins kept", arguments: 0..<8 as Range<UInt64>)
    func soundness(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let models = models(&random)
            let budget = Int.random(in: 1...24_000, using: &random)
            let llms = Int.random(in: 0...6, using: &random)
            let reserve = Int.random(in: 0...64, using: &random)
            let plan = try plan(models, mebibytes: budget, llms: llms, reserve: reserve)
            #expect(try plan == SaraiMemoryTests.plan(models, mebibytes: budget, llms: llms, reserve: reserve))
            let kept = zip(models, plan.lines).filter { $0.1.placement == .resident }
            let isWithin =
                plan.total.resident + .mebibytes(reserve) <= .mebibytes(budget) && kept.count { $0.0.isLLM } <= llms
            #expect(plan.fits == isWithin)
            #expect(plan.waysOut.isEmpty == plan.fits || models.isEmpty)
            for (model, line) in zip(models, plan.lines) {
                #expect(line.placement == .resident || (model.isBestEffort && !model.isPinned))
                let settings = try #require(line.settings)
                #expect(line.footprint == model.footprint(settings))
                check(settings, model)
            }
        }
    }

    private func check(_ settings: LoadSettings, _ model: FormulaModel) {
        let allowance = model.allowance, wanted = model.wanted
        #expect(allowance.loadModes.contains(settings.loadMode))
        #expect(allowance.cacheTypes.contains(settings.cacheType))
        #expect(allowance.minContextLength...wanted.contextLength ~= settings.contextLength)
        #expect(allowance.minSlots...wanted.slots ~= settings.slots)
        #expect(min(allowance.minMicroBatch, wanted.microBatch)...wanted.microBatch ~= settings.microBatch)
        #expect(!settings.isEmbedding || settings.microBatch >= settings.contextLength)
        #expect(settings.isEmbedding == wanted.isEmbedding && settings.imageTokens == wanted.imageTokens)
    }

    @Test("with more memory no model is worse off", arguments: 0..<8 as Range<UInt64>)
    func monotone(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            let models = models(&random)
            let llms = Int.random(in: 0...6, using: &random)
            var before = try plan(models, mebibytes: 1, llms: llms)
            for budget in (0..<12).map({ _ in Int.random(in: 1...30_000, using: &random) }).sorted() {
                let plan = try plan(models, mebibytes: budget, llms: llms)
                #expect(plan.fits || !before.fits)
                for (index, model) in models.enumerated() {
                    let old = before.lines[index], new = plan.lines[index]
                    #expect(new.placement == .resident || old.placement != .resident)
                    let less = try #require(old.settings), more = try #require(new.settings)
                    #expect(more.contextLength >= less.contextLength && more.slots >= less.slots)
                    #expect(more.microBatch >= less.microBatch)
                    let types = model.allowance.cacheTypes
                    let newType = try #require(types.firstIndex(of: more.cacheType))
                    #expect(newType <= (try #require(types.firstIndex(of: less.cacheType))))
                }
                before = plan
            }
        }
    }

    @Test("what was left out would not fit beside what stayed", arguments: 0..<4 as Range<UInt64>)
    func maximal(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var leftOut = 0
        for _ in 0..<60 {
            let models = models(&random)
            let plan = try plan(models, mebibytes: Int.random(in: 1...24_000, using: &random))
            for line in plan.lines where line.placement != .resident {
                leftOut += 1
                #expect(line.footprint.resident > plan.headroom)
            }
        }
        #expect(leftOut > 20)
    }

    @Test("a way out that suffices does", arguments: 0..<6 as Range<UInt64>)
    func waysOut(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var followed = 0
        for _ in 0..<25 {
            // Where smaller settings may take more, nobody can promise that the plan goes as far as it is allowed to.
            let models = models(&random).map { model in
                var regular = model
                regular.irregularity = 0
                return regular
            }
            let budget = Int.random(in: 500...20_000, using: &random)
            let plan = try plan(models, mebibytes: budget, llms: 9)
            for way in plan.waysOut where way.suffices && way.kind != .budget {
                followed += 1
                let changed = models.compactMap { Follower(way: way).follow($0) }
                let after = try SaraiMemoryTests.plan(changed, mebibytes: budget, llms: 9)
                #expect(after.fits, "\(way.text)")
            }
        }
        #expect(followed > 5)
    }
}

/// Changes models as a way out says.
private struct Follower {
    let way: WayOut

    /// The model after the change; `nil` if it is to go.
    func follow(_ model: FormulaModel) -> FormulaModel? {
        var changed = model
        for change in way.changes where change.model?.rawValue == model.name {
            let number = change.value.flatMap(Int.init)
            switch change.key {
            case "kv_types":
                changed.allowance.cacheTypes += [change.value.flatMap(LoadSettings.CacheType.init) ?? .f16]
            case "load_mode": changed.allowance.loadModes = [.mapped]
            case "micro_batch": changed.allowance.minMicroBatch = number ?? 0
            case "min_slots": changed.allowance.minSlots = number ?? 0
            case "min_context_length": changed.allowance.minContextLength = number ?? 0
            case "best_effort": changed.isBestEffort = true
            case "mmproj": changed.projector = 0
            default: return nil
            }
        }
        return changed
    }
}
