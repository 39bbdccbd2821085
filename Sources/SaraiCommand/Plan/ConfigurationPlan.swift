import Foundation
import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SaraiPool

/// The memory plan of a configuration, model by model.
struct ConfigurationPlan {
    /// One model, and the target of it that the plan is about.
    struct Entry {
        let model: ModelConfiguration
        let target: TargetConfiguration
        let line: MemoryPlan.Line
    }

    /// What is planned.
    let scenario: PlanScenario
    /// The configured models, in the order of the file.
    let entries: [Entry]
    /// The verdict and the figures.
    let memory: MemoryPlan

    /// The plan of what runs, from the headers of the configuration's files and what earlier runs have shown.
    init(_ configuration: Configuration) {
        let planner = ConfigurationPlanner.current(configuration, engine: try? EngineLocator.locate(for: configuration))
        self.init(configuration, .configured, memory: planner.plan())
    }

    /// The plan of a scenario.
    init(_ configuration: Configuration, _ scenario: PlanScenario, memory: MemoryPlan) {
        self.scenario = scenario
        self.memory = memory
        let targets = configuration.models.flatMap { model in model.targets.map { (model, $0) } }
        entries = memory.lines.compactMap { line in
            targets.first { $0.1.id == line.target }.map { Entry(model: $0.0, target: $0.1, line: line) }
        }
    }

    /// What a person should know beside the files that cannot be used.
    var messages: [String] {
        let faults = entries.compactMap(\.fault)
        return memory.messages.filter { message in !faults.contains { message.contains($0) } }
            + sharing
    }

    /// What is counted of models that other machines hold, at least in part: a sentence for each.
    var sharing: [String] {
        entries.compactMap(\.sharing)
    }

    /// Models whose file is left out of the plan.
    var leftOut: [String] {
        entries.compactMap { entry in
            if case .leftOut = entry.line.placement { entry.model.name.rawValue } else { nil }
        }
    }

    /// Whether all that is needed fits, and every file can be read.
    var isSound: Bool {
        memory.fits && entries.allSatisfy { $0.fault == nil }
    }
}

extension ConfigurationPlan.Entry {
    /// What is wrong with the target's files, if anything is.
    var fault: String? {
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

extension EngineLocator {
    /// The path of a configuration's llama-server on this machine.
    static func locate(for configuration: Configuration) throws(EngineNotFound) -> String {
        try locate(
            configured: configuration.engine.llamaServer, dataFolder: SaraiPaths.current.data,
            path: ProcessInfo.processInfo.environment["PATH"] ?? "")
    }
}

extension WhisperLocator {
    /// The path of a configuration's Python for Whisper models on this machine.
    static func locate(for configuration: Configuration) throws(EngineNotFound) -> String {
        try locate(configured: configuration.engine.whisperPython, dataFolder: SaraiPaths.current.data)
    }
}

extension ConfigurationPlanner {
    /// A planner that knows what earlier runs of this user have shown.
    ///
    /// - Parameters:
    ///   - configuration: the models and the budget.
    ///   - engine: path of llama-server, if there is one.
    /// - Returns: the planner. What it finds out is kept only if its footprints are saved.
    static func current(_ configuration: Configuration, engine: String?) -> ConfigurationPlanner {
        ConfigurationPlanner(
            configuration: configuration,
            footprints: FootprintStore(path: "\(SaraiPaths.current.state)/footprints.json"), engine: engine,
            whisperPython: try? WhisperLocator.locate(for: configuration))
    }
}
