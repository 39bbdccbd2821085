import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SaraiPool

/// A memory plan for programs. Sizes are in bytes.
package struct PlanJSON: Encodable {
    /// Whether all that is needed is in memory together.
    let fits: Bool
    let budgetBytes: Int
    /// The budget, or the machine's memory where that is smaller.
    let ceilingBytes: Int
    let machineBytes: Int
    /// What all models together take.
    let totalBytes: Int
    /// The private part of it.
    let hardBytes: Int
    /// What is left below the ceiling; negative by as much as is missing.
    let headroomBytes: Int
    /// What the daemon itself is counted with, beside ``totalBytes``.
    let reserveBytes: Int
    /// What is planned: `configured`, `hybrid`, `all-local` or `engine-defaults`.
    let scenario: String
    let messages: [String]
    let models: [Model]
    /// What would make it fit, the most useful first.
    let waysOut: [Way]
    /// The same figures of every scenario.
    let scenarios: [Scenario]
    /// Whether the models of each pipeline are available together.
    let pipelines: [Pipeline]

    private enum CodingKeys: String, CodingKey {
        case fits, scenario, messages, models, scenarios, pipelines
        case budgetBytes = "budget_bytes"
        case ceilingBytes = "ceiling_bytes"
        case machineBytes = "machine_bytes"
        case totalBytes = "total_bytes"
        case hardBytes = "hard_bytes"
        case headroomBytes = "headroom_bytes"
        case reserveBytes = "reserve_bytes"
        case waysOut = "ways_out"
    }

    /// One pipeline.
    struct Pipeline: Encodable {
        let name: String
        let models: [String]
        /// `available`, `incomplete` or `too_large`.
        let verdict: String
        /// What its models take of this machine's memory together.
        let bytes: Int?
        /// Why it is not available.
        let reason: String?
        /// Models that it can do without and has to.
        let missing: [Missing]
    }

    /// A model that a pipeline does without.
    struct Missing: Encodable {
        let model: String
        let reason: String
    }

    /// One model.
    struct Model: Encodable {
        let name: String
        let role: String
        /// The target that is planned: the file on this machine, if there is one.
        let target: String
        /// The target that is asked first.
        let preferredTarget: String?
        /// `resident`, `remote`, `left_out` or `impossible`.
        let placement: String
        /// Why it is left out or impossible.
        let reason: String?
        let loadMode: String?
        /// `nil` where it cannot be said; 0 of a remote target.
        let predictedBytes: Int?
        let bytes: Kinds?
        /// How it is loaded; `nil` of a remote target.
        let settings: Settings?
        /// Why it is loaded so.
        let choices: [Choice]

        private enum CodingKeys: String, CodingKey {
            case name, role, target, placement, reason, bytes, settings, choices
            case preferredTarget = "preferred_target"
            case loadMode = "load_mode"
            case predictedBytes = "predicted_bytes"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(role, forKey: .role)
            try container.encode(target, forKey: .target)
            try container.encodeIfPresent(preferredTarget, forKey: .preferredTarget)
            try container.encode(placement, forKey: .placement)
            try container.encodeIfPresent(reason, forKey: .reason)
            try container.encodeIfPresent(loadMode, forKey: .loadMode)
            // Programs rely on this member: it is there even when nothing can be said.
            try container.encode(predictedBytes, forKey: .predictedBytes)
            try container.encodeIfPresent(bytes, forKey: .bytes)
            try container.encodeIfPresent(settings, forKey: .settings)
            try container.encode(choices, forKey: .choices)
        }
    }

    /// A target's memory by kind.
    struct Kinds: Encodable {
        let weightsMapped: MemorySize
        let weightsPrivate: MemorySize
        let kv: MemorySize
        let compute: MemorySize
        let projector: MemorySize
        let promptCache: MemorySize
        let overhead: MemorySize

        private enum CodingKeys: String, CodingKey {
            case kv, compute, projector, overhead
            case weightsMapped = "weights_mapped"
            case weightsPrivate = "weights_private"
            case promptCache = "prompt_cache"
        }
    }

    /// How a target is loaded.
    struct Settings: Encodable {
        let contextLength: Int
        let slots: Int
        let isEmbedding: Bool
        let isSpeech: Bool
        let microBatch: Int
        let loadMode: LoadSettings.LoadMode
        let cacheType: LoadSettings.CacheType
        let imageTokens: Int
        let promptCacheMebibytes: Int

        private enum CodingKeys: String, CodingKey {
            case slots
            case contextLength = "context_length"
            case isEmbedding = "is_embedding"
            case isSpeech = "is_speech"
            case microBatch = "micro_batch"
            case loadMode = "load_mode"
            case cacheType = "cache_type"
            case imageTokens = "image_tokens"
            case promptCacheMebibytes = "prompt_cache_mebibytes"
        }
    }

    /// A setting that the plan chose.
    struct Choice: Encodable {
        /// The key of the configuration that it is about.
        let key: String
        let value: String
        let reason: String
        /// Whether it is what was asked for.
        let asWanted: Bool

        private enum CodingKeys: String, CodingKey {
            case key, value, reason
            case asWanted = "as_wanted"
        }
    }

    /// A way out.
    struct Way: Encodable {
        /// `settings`, `best_effort`, `budget`, `concurrency`, `projector`, `server` or `without`.
        let kind: String
        let changes: [Change]
        let savesBytes: Int
        let suffices: Bool
        let text: String

        private enum CodingKeys: String, CodingKey {
            case kind, changes, suffices, text
            case savesBytes = "saves_bytes"
        }
    }

    /// A value of the configuration.
    struct Change: Encodable {
        let model: String?
        let key: String
        let value: String?
    }

    /// A scenario in figures.
    struct Scenario: Encodable {
        let name: String
        /// Models and daemon together.
        let totalBytes: Int
        let headroomBytes: Int
        /// Of the machine's memory, 0…1 and above.
        let machineShare: Double
        let fits: Bool
        /// Models whose file is left out.
        let leftOut: [String]

        private enum CodingKeys: String, CodingKey {
            case name, fits
            case totalBytes = "total_bytes"
            case headroomBytes = "headroom_bytes"
            case machineShare = "machine_share"
            case leftOut = "left_out"
        }
    }

    /// The plan's figures, and those beside it.
    package init(_ comparison: PlanComparison) {
        let memory = comparison.chosen.memory
        fits = memory.fits
        budgetBytes = memory.budget.bytes
        ceilingBytes = memory.ceiling.bytes
        machineBytes = memory.machine.total.bytes
        totalBytes = memory.total.resident.bytes
        hardBytes = memory.total.hard.bytes
        headroomBytes = memory.headroom.bytes
        reserveBytes = memory.reserve.bytes
        scenario = comparison.chosen.scenario.rawValue
        messages = memory.messages + comparison.chosen.sharing
        models = comparison.chosen.entries.map(Model.init)
        waysOut = memory.waysOut.map(Way.init)
        scenarios = comparison.all.map(Scenario.init)
        pipelines = comparison.pipelines.map(Pipeline.init)
    }
}

extension PlanJSON.Pipeline {
    init(_ proof: PipelineProof) {
        name = proof.name
        models = proof.models.map(\.rawValue)
        missing = proof.missing.map { .init(model: $0.model.rawValue, reason: $0.reason) }
        switch proof.verdict {
        case .available(let size): (verdict, bytes, reason) = ("available", size.bytes, nil)
        case .incomplete(let why): (verdict, bytes, reason) = ("incomplete", nil, why)
        case .tooLarge(let why): (verdict, bytes, reason) = ("too_large", nil, why)
        }
    }
}

extension PlanJSON.Way {
    init(_ way: WayOut) {
        self.init(
            kind: way.kind.rawValue,
            changes: way.changes.map { .init(model: $0.model?.rawValue, key: $0.key, value: $0.value) },
            savesBytes: way.saves.bytes, suffices: way.suffices, text: way.text)
    }
}

extension PlanJSON.Scenario {
    init(_ plan: ConfigurationPlan) {
        let memory = plan.memory
        let total = (memory.total.resident + memory.reserve).bytes
        self.init(
            name: plan.scenario.rawValue, totalBytes: total, headroomBytes: memory.headroom.bytes,
            machineShare: Double(total) / Double(max(1, memory.machine.total.bytes)), fits: plan.isSound,
            leftOut: plan.leftOut)
    }
}

extension PlanJSON.Model {
    init(_ entry: ConfigurationPlan.Entry) {
        name = entry.model.name.rawValue
        role = entry.model.role.rawValue
        target = "\(entry.target.id)"
        preferredTarget = entry.model.targets.first.map { "\($0.id)" }
        switch entry.line.placement {
        case .remote: (placement, reason) = ("remote", nil)
        case .resident: (placement, reason) = ("resident", nil)
        case .leftOut(let why): (placement, reason) = ("left_out", why)
        case .impossible(let why): (placement, reason) = ("impossible", why)
        }
        let line = entry.line
        // A speech model has none to speak of.
        settings = line.settings.flatMap { $0.isSpeech ? nil : PlanJSON.Settings($0) }
        choices = line.choices.map {
            .init(key: $0.setting.rawValue, value: $0.value, reason: $0.reason, asWanted: $0.isAsWanted)
        }
        loadMode = settings?.loadMode.rawValue
        bytes = line.settings.map { _ in PlanJSON.Kinds(line.footprint) }
        predictedBytes = entry.target.id.kind.isLocal ? bytes.map { _ in line.footprint.resident.bytes } : 0
    }
}

extension PlanJSON.Settings {
    init(_ settings: LoadSettings) {
        self.init(
            contextLength: settings.contextLength, slots: settings.slots, isEmbedding: settings.isEmbedding,
            isSpeech: settings.isSpeech, microBatch: settings.microBatch, loadMode: settings.loadMode,
            cacheType: settings.cacheType, imageTokens: settings.imageTokens,
            promptCacheMebibytes: settings.promptCacheMebibytes)
    }
}

extension PlanJSON.Kinds {
    init(_ footprint: Footprint) {
        self.init(
            weightsMapped: footprint.weightsMapped, weightsPrivate: footprint.weightsPrivate, kv: footprint.kv,
            compute: footprint.compute, projector: footprint.projector, promptCache: footprint.promptCache,
            overhead: footprint.overhead)
    }
}
