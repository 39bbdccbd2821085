import Foundation
package import SaraiConfiguration
package import SaraiCore
package import SaraiMemory

/// Makes memory plans of a configuration. Reads headers; loads nothing.
package struct ConfigurationPlanner: Sendable {
    /// What the daemon itself is counted with: it rests at 30 MiB and may take 60 MiB when much is going on.
    package static let daemonReserve = MemorySize.mebibytes(64)

    /// What is planned. Another one can be planned with what is known already.
    var configuration: Configuration
    private let headerCache: HeaderCache
    private let machine: MachineMemory
    /// What is known beyond the headers.
    package let footprints: FootprintStore
    /// Path of llama-server; `nil` where there is none, and only headers tell.
    let engine: String?
    /// Path of the Python that runs Whisper models; `nil` where there is none.
    private let whisperPython: String?
    /// What the engine is being asked.
    let questions = SingleFlight<FootprintKey>()

    /// A planner.
    ///
    /// - Parameters:
    ///   - configuration: the models and the budget.
    ///   - headers: the headers that were read already.
    ///   - machine: where everything is to run.
    ///   - footprints: what is known beyond the headers.
    ///   - engine: path of llama-server, if there is one.
    ///   - whisperPython: path of the Python that runs Whisper models, if there is one.
    package init(
        configuration: Configuration, headers: HeaderCache = HeaderCache(), machine: MachineMemory = Self.machine(),
        footprints: FootprintStore = FootprintStore(), engine: String? = nil, whisperPython: String? = nil
    ) {
        self.configuration = configuration
        headerCache = headers
        self.machine = machine
        self.footprints = footprints
        self.engine = engine
        self.whisperPython = whisperPython
    }

    /// This machine's memory; where the operating system publishes less, what Foundation knows.
    package static func machine() -> MachineMemory {
        let physical = MemorySize(bytes: Int(clamping: ProcessInfo.processInfo.physicalMemory))
        return (try? MachineMemory.read()) ?? MachineMemory(total: physical, available: physical)
    }

    /// What a target's files tell; or which file is wrong, where, and how.
    package func files(of target: LocalTargetConfiguration) -> Result<TargetInspection.Files, PoolError> {
        TargetInspection.files(of: target, in: headerCache)
    }

    /// Plans a scenario: a line per model, in the order of the configuration.
    package func plan(_ scenario: PlanScenario = .configured) -> MemoryPlan {
        MemoryPlan.make(
            models: configuration.models.compactMap { planned($0, scenario) }, budget: configuration.memory.budget,
            machine: machine, maxConcurrentLLMs: configuration.memory.maxConcurrentLLMs, reserve: Self.daemonReserve)
    }

    private func planned(_ model: ModelConfiguration, _ scenario: PlanScenario) -> PlannedModel? {
        let remote = model.targets.first { !$0.id.kind.isLocal }
        let isPinned = model.isPinned || model.isResident
        // Only a file takes memory here, so where there is one, that is what is planned.
        for case .local(let local) in model.targets {
            if scenario == .hybrid, model.isBestEffort, !isPinned, let remote {
                return PlannedModel(name: model.name, target: remote.id, source: .remote, isLLM: local.isLLM)
            }
            return PlannedModel(
                name: model.name, target: local.id, source: source(of: local, scenario),
                isBestEffort: model.isBestEffort && !scenario.isLocal, isPinned: isPinned, isLLM: local.isLLM,
                server: remote == nil ? .none : scenario.isLocal ? .unused : .preferred)
        }
        return remote.map { PlannedModel(name: model.name, target: $0.id, source: .remote) }
    }

    /// Tokens per second that a target was measured to generate on this machine, by load mode.
    private func speeds(
        of target: LocalTargetConfiguration, _ files: FootprintKey.Files?
    ) -> [LoadSettings.LoadMode: Double] {
        var speeds: [LoadSettings.LoadMode: Double] = [:]
        for mode in LocalTargetConfiguration.loadModes {
            speeds[mode] = files.flatMap { footprints[$0.key(target.wantedSettings(mode))]?.speed }
        }
        return speeds
    }

    /// Names a target's files for the store; `nil` without an engine or without one of them.
    func known(_ target: LocalTargetConfiguration) -> FootprintKey.Files? {
        let program = target.whisper == nil ? engine : whisperPython
        return program.flatMap { FootprintKey.Files(target, engine: $0) }
    }

    private func source(of target: LocalTargetConfiguration, _ scenario: PlanScenario) -> PlannedModel.Source {
        let files: TargetInspection.Files
        switch self.files(of: target) {
        case .success(let found): files = found
        case .failure(let error): return .unknown(error.message)
        }
        if scenario == .engineDefaults, case .gguf(let header, _) = files {
            // Nobody asks the engine about these: headers alone tell, as they do of a file that is not configured.
            let defaults = LoadSettings.engineDefaults(for: header, isEmbedding: target.isEmbedding)
            return .local(LocalCandidate(wanted: defaults, allowance: .init(only: defaults), footprint: files.estimate))
        }
        let known = known(target)
        let process = known.flatMap { footprints.process(of: $0) }
        return .local(
            LocalCandidate(
                wanted: target.wantedSettings, allowance: target.allowance, speeds: speeds(of: target, known)
            ) {
                [footprints] settings in
                files.footprint(settings, known: known.flatMap { footprints[$0.key(settings)] }, process: process)
            })
    }
}
