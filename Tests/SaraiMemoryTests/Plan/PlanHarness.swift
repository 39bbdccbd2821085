import SaraiCore
import Testing

@testable import SaraiMemory

/// A model whose memory is a simple formula, so that tests can do the sums.
///
/// In MiB: the weights (a fifth more when they are repacked), 1 for each `perContext` tokens of context of all slots (half of
/// it in 8 bits, a quarter in 4), and 1 for each `perStep` tokens of a step.
struct FormulaModel: Sendable {
    var name: String
    var weights: Int
    var projector = 0
    var wanted = LoadSettings(contextLength: 4096)
    var allowance = LocalCandidate.Allowance(
        loadModes: [.mapped, .repacked], cacheTypes: [.f16, .q8], minContextLength: 2048, minSlots: 1,
        minMicroBatch: 128)
    var speeds: [LoadSettings.LoadMode: Double] = [:]
    var isBestEffort = false
    var isPinned = false
    var isLLM = true
    var server = PlannedModel.Server.none
    var perContext = 8
    var perStep = 8
    /// Added by settings, as peaks that were measured are not on any formula.
    var irregularity = 0

    /// The model as a plan takes it.
    func planned() throws -> PlannedModel {
        let id = try target(name)
        let candidate = LocalCandidate(wanted: wanted, allowance: allowance, speeds: speeds, footprint: footprint)
        return PlannedModel(
            name: id.model, target: id, source: .local(candidate), isBestEffort: isBestEffort, isPinned: isPinned,
            isLLM: isLLM, server: server)
    }

    /// What it takes.
    func footprint(_ settings: LoadSettings) -> Footprint {
        let quarters = [LoadSettings.CacheType.f16: 4, .q8: 2, .q4: 1][settings.cacheType] ?? 4
        let kv = MemorySize.mebibytes(settings.contextLength * settings.slots).bytes / perContext / 4 * quarters
        let isMapped = settings.loadMode == .mapped
        var footprint = Footprint(
            weightsMapped: .mebibytes(isMapped ? weights : 0),
            weightsPrivate: .mebibytes(isMapped ? 0 : weights * 6 / 5), kv: MemorySize(bytes: kv),
            compute: MemorySize(bytes: MemorySize.mebibytes(settings.microBatch).bytes / perStep),
            projector: .mebibytes(projector))
        if irregularity > 0 {
            var random = SeededGenerator(
                seed: UInt64(settings.contextLength * 31 + settings.slots * 7 + settings.microBatch + quarters))
            footprint.overhead = .mebibytes(Int.random(in: 0...irregularity, using: &random))
        }
        return footprint
    }

    /// What it takes with everything at its best.
    var best: Int {
        (try? planned().candidate).flatMap { $0 }.map { footprint($0.best).resident.bytes >> 20 } ?? 0
    }
}

/// A plan of formula models on a machine with 64 GiB.
func plan(_ models: [FormulaModel], mebibytes: Int, llms: Int = 8, reserve: Int = 0) throws -> MemoryPlan {
    MemoryPlan.make(
        models: try models.map { try $0.planned() }, budget: .mebibytes(mebibytes),
        machine: MachineMemory(total: .gibibytes(64), available: .gibibytes(60)), maxConcurrentLLMs: llms,
        reserve: .mebibytes(reserve))
}

extension MemoryPlan {
    /// The line of a model.
    func line(_ name: String) throws -> Line {
        try #require(lines.first { $0.name.rawValue == name })
    }

    /// The settings of a model.
    func settings(_ name: String) throws -> LoadSettings {
        try #require(line(name).settings)
    }
}
