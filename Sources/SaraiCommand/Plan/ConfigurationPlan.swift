import Foundation
import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SaraiPool

/// The memory plan of a configuration, made from the headers of its files. Nothing is loaded.
struct ConfigurationPlan {
    /// One model, and the target of it that the plan is about.
    struct Entry {
        let model: ModelConfiguration
        /// The file on this machine where there is one, since only that takes memory here; else the preferred server.
        let target: TargetConfiguration
        let line: MemoryPlan.Line
    }

    /// The configured models, in the order of the file.
    let entries: [Entry]
    /// The verdict and the figures.
    let memory: MemoryPlan

    /// Reads the headers and makes the plan.
    init(_ configuration: Configuration) {
        let targets = configuration.models.compactMap { model in
            (model.targets.first { $0.id.kind.isLocal } ?? model.targets.first).map { (model, $0) }
        }
        memory = MemoryPlan.make(
            models: targets.map { Self.planned($0, $1) }, budget: configuration.memory.budget,
            machine: Self.machine(), maxConcurrentLLMs: configuration.memory.maxConcurrentLLMs)
        entries = zip(targets, memory.lines).map { Entry(model: $0.0, target: $0.1, line: $1) }
    }

    /// What a person should know beside the files that cannot be used.
    var messages: [String] {
        let faults = entries.compactMap(\.fault)
        return memory.messages.filter { message in !faults.contains { message.contains($0) } }
    }

    /// Whether all that is needed fits, and every file can be read.
    var isSound: Bool {
        memory.fits && entries.allSatisfy { $0.fault == nil }
    }

    private static func planned(_ model: ModelConfiguration, _ target: TargetConfiguration) -> PlannedModel {
        var planned = PlannedModel(
            name: model.name, target: target.id, prediction: .remote, isBestEffort: model.isBestEffort, isLLM: false)
        guard case .local(let local) = target else {
            return planned
        }
        planned.isLLM = !local.isEmbedding
        switch TargetInspection.footprint(of: local) {
        case .success(let footprint): planned.prediction = .local(footprint)
        case .failure(let error): planned.prediction = .unknown(error.message)
        }
        return planned
    }

    /// This machine's memory; where the operating system publishes less, what Foundation knows.
    private static func machine() -> MachineMemory {
        let physical = MemorySize(bytes: Int(clamping: ProcessInfo.processInfo.physicalMemory))
        return (try? MachineMemory.read()) ?? MachineMemory(total: physical, available: physical)
    }
}

extension ConfigurationPlan.Entry {
    /// What is wrong with the target's files, if anything is.
    var fault: String? {
        guard case .unknown(let reason) = line.model.prediction else {
            return nil
        }
        return reason
    }
}
