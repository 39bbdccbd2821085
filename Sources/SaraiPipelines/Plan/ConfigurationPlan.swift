import Foundation
package import SaraiConfiguration
import SaraiCore
package import SaraiMemory
package import SaraiPool

/// The memory plan of a configuration, model by model.
package struct ConfigurationPlan {
    /// One model, and the target of it that the plan is about.
    package struct Entry {
        package let model: ModelConfiguration
        package let target: TargetConfiguration
        package let line: MemoryPlan.Line
    }

    /// What is planned.
    package let scenario: PlanScenario
    /// The configured models, in the order of the file.
    package let entries: [Entry]
    /// The verdict and the figures.
    package let memory: MemoryPlan

    /// The plan of a scenario.
    package init(_ configuration: Configuration, _ scenario: PlanScenario, memory: MemoryPlan) {
        self.scenario = scenario
        self.memory = memory
        let targets = configuration.models.flatMap { model in model.targets.map { (model, $0) } }
        entries = memory.lines.compactMap { line in
            targets.first { $0.1.id == line.target }.map { Entry(model: $0.0, target: $0.1, line: line) }
        }
    }

    /// What a person should know beside the files that cannot be used.
    package var messages: [String] {
        let faults = entries.compactMap(\.fault)
        return memory.messages.filter { message in !faults.contains { message.contains($0) } }
            + sharing
    }

    /// What is counted of models that other machines hold, at least in part: a sentence for each.
    package var sharing: [String] {
        entries.compactMap(\.sharing)
    }

    /// Models whose file is left out of the plan.
    package var leftOut: [String] {
        entries.compactMap { entry in
            if case .leftOut = entry.line.placement { entry.model.name.rawValue } else { nil }
        }
    }

    /// Whether all that is needed fits, and every file can be read.
    package var isSound: Bool {
        memory.fits && entries.allSatisfy { $0.fault == nil }
    }
}

extension ConfigurationPlan.Entry {
    /// What is wrong with the target's files, if anything is.
    package var fault: String? {
        guard target.id.kind.isLocal, line.settings == nil else {
            return nil
        }
        switch line.placement {
        case .leftOut(let reason), .impossible(let reason): return reason
        case .remote, .resident: return nil
        }
    }
}

extension ConfigurationPlan.Entry {
    /// What is counted of a model that other machines hold, at least in part.
    fileprivate var sharing: String? {
        guard case .local(let local) = target, !local.rpc.isEmpty, line.settings != nil, let file = local.gguf else {
            return nil
        }
        let size = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
        let weights = line.footprint.weightsMapped + line.footprint.weightsPrivate
        guard weights.bytes < size / 10 * 9 else {
            return "'\(model.name)' is counted as if all of it were here: its RPC servers were not asked yet, or did "
                + "not answer."
        }
        return "'\(model.name)' is with its RPC servers: \(line.footprint.resident) are counted here, and nobody "
            + "counts what they have."
    }
}
