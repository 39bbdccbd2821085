import SaraiConfiguration
import SaraiCore
import SaraiMemory

/// A memory plan for programs. Sizes are in bytes.
struct PlanJSON: Encodable {
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
    let messages: [String]
    let models: [Model]

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

        private enum CodingKeys: CodingKey {
            case name, role, target, preferredTarget, placement, reason, loadMode, predictedBytes, bytes
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
    }

    /// The plan's figures.
    init(_ plan: ConfigurationPlan) {
        let memory = plan.memory
        fits = memory.fits
        budgetBytes = memory.budget.bytes
        ceilingBytes = memory.ceiling.bytes
        machineBytes = memory.machine.total.bytes
        totalBytes = memory.total.resident.bytes
        hardBytes = memory.total.hard.bytes
        headroomBytes = memory.headroom.bytes
        messages = memory.messages
        models = plan.entries.map(Model.init)
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
        switch entry.line.model.prediction {
        case .remote: (loadMode, predictedBytes, bytes) = (nil, 0, nil)
        case .unknown: (loadMode, predictedBytes, bytes) = (nil, nil, nil)
        case .local(let footprint):
            loadMode = footprint.loadMode
            predictedBytes = footprint.resident.bytes
            bytes = PlanJSON.Kinds(footprint)
        }
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
