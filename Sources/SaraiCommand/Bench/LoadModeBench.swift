import Foundation
import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SaraiPipelines
import SaraiPool

/// Measures models in both load modes, each alone on the machine, and keeps the figures for the planner.
struct LoadModeBench {
    /// A model, and the file that is measured for it.
    private struct Subject {
        let model: ModelConfiguration
        let target: LocalTargetConfiguration
    }

    private let configuration: Configuration
    private let subjects: [Subject]
    private let engine: String
    private let planner: ConfigurationPlanner
    private let rounds: Int
    private let tokens: Int

    /// A benchmark of some text models.
    ///
    /// - Parameters:
    ///   - configuration: the models and the budget.
    ///   - names: which of the models; none means all that have a file here.
    ///   - rounds: how often each mode is measured.
    ///   - tokens: tokens to generate each time.
    /// - Throws: if there is no such model, or nothing to run it with.
    init(_ configuration: Configuration, names: [String], rounds: Int, tokens: Int) throws(CommandFailure) {
        self.configuration = configuration
        self.rounds = rounds
        self.tokens = tokens
        if names.isEmpty {
            subjects = configuration.models.compactMap { try? Self.subject($0) }
            guard !subjects.isEmpty else {
                throw CommandFailure(.failed, "no text model of the configuration has a file on this machine.")
            }
        } else {
            var subjects: [Subject] = []
            for name in names {
                guard let model = configuration.models.first(where: { $0.name.rawValue == name }) else {
                    let known = configuration.models.map(\.name.rawValue).joined(separator: ", ")
                    throw CommandFailure(.failed, "there is no model '\(name)'; the configuration has \(known).")
                }
                subjects.append(try Self.subject(model))
            }
            self.subjects = subjects
        }
        do {
            engine = try EngineLocator.locate(for: configuration)
        } catch {
            throw CommandFailure(.failed, error.message)
        }
        planner = .current(configuration, engine: engine)
    }

    private static func subject(_ model: ModelConfiguration) throws(CommandFailure) -> Subject {
        for case .local(let target) in model.targets {
            guard target.isLLM else {
                throw CommandFailure(.failed, "'\(model.name)' generates nothing to measure.")
            }
            guard target.rpc.isEmpty else {
                throw CommandFailure(
                    .failed, "'\(model.name)' is with its RPC servers: there is nothing to choose on this machine.")
            }
            return Subject(model: model, target: target)
        }
        throw CommandFailure(.failed, "'\(model.name)' has no file on this machine.")
    }

    /// Runs the benchmark.
    ///
    /// - Returns: what was measured, with what a plan makes of it.
    /// - Throws: why nothing can be measured at all. A single model's failure is in the report.
    func run() async throws -> LoadModeReport {
        let paths = SaraiPaths.current
        let instance = "bench-\(ProcessInfo.processInfo.processIdentifier)"
        let directory = try WorkerDirectory(runtime: paths.runtime, instance: instance)
        let logs = "\(paths.state)/logs/bench"
        try PrivateFolder.make(logs)
        let results = try await UpstreamClient.withHTTPClient(
            connectTimeout: configuration.timeouts.connect, connectionsPerServer: 4
        ) { client in
            var results: [LoadModeReport.Result] = []
            for (index, subject) in subjects.enumerated() {
                let name = subject.model.name
                let files = WorkerFiles(model: name, index: index, runtime: directory.path, logs: logs)
                let run = LoadModeRun(
                    engine: engine, files: files, client: client, loadTimeout: configuration.timeouts.load,
                    tokens: tokens)
                var result = LoadModeReport.Result(name: name, target: subject.target.id)
                do {
                    result.samples = try await measure(subject, run)
                    try keep(result, of: subject)
                } catch let failure as CommandFailure {
                    result.error = failure.message
                }
                results.append(result)
            }
            return results
        }
        let plan = ConfigurationPlan(configuration, .configured, memory: try await planner.exactPlan())
        try planner.footprints.save()
        return LoadModeReport(results: results, plan: plan)
    }

    /// Measures a model in both modes by turns, so that whatever changes on the machine meanwhile changes both alike.
    private func measure(
        _ subject: Subject, _ run: LoadModeRun
    ) async throws -> [LoadSettings.LoadMode: [LoadModeRun.Speed]] {
        // Text is generated without the projector, whose memory is for other models then.
        var target = subject.target
        target.model = .gguf(target.path, mmproj: nil)
        var footprints: [LoadSettings.LoadMode: Footprint] = [:]
        for mode in LocalTargetConfiguration.loadModes {
            let footprint = try await footprint(of: target, mode)
            try checkRoom(for: footprint, mode)
            footprints[mode] = footprint
        }
        var samples: [LoadSettings.LoadMode: [LoadModeRun.Speed]] = [:]
        for round in 1...rounds {
            for mode in LocalTargetConfiguration.loadModes {
                let speed = try await run.measure(target, mode, footprint: footprints[mode] ?? .zero)
                samples[mode, default: []].append(speed)
                note(subject.model.name, mode, round, speed)
            }
        }
        return samples
    }

    private func footprint(
        of target: LocalTargetConfiguration, _ mode: LoadSettings.LoadMode
    ) async throws(CommandFailure) -> Footprint {
        do {
            return try await planner.exactFootprint(of: target, settings: target.wantedSettings(mode))
        } catch {
            throw CommandFailure(.failed, error.message)
        }
    }

    /// Makes sure that a model fits alone, by the budget and by what the machine has to give now.
    private func checkRoom(for footprint: Footprint, _ mode: LoadSettings.LoadMode) throws(CommandFailure) {
        let needs = "\(mode.rawValue) it takes \(footprint.resident)"
        let budget = configuration.memory.budget - ConfigurationPlanner.daemonReserve
        guard footprint.resident <= budget else {
            throw CommandFailure(
                .failed, "\(needs), more than the \(budget) that the budget leaves to models (memory.max_ram_gb).")
        }
        let available = ConfigurationPlanner.machine().available
        guard footprint.resident <= available else {
            throw CommandFailure(
                .failed, "\(needs), and \(available) are available now: stop the daemon or other programs.")
        }
    }

    /// Keeps the medians where the planner looks for them. At once: the next model may take an hour.
    private func keep(_ result: LoadModeReport.Result, of subject: Subject) throws {
        for mode in LocalTargetConfiguration.loadModes {
            if let speed = result.speed(mode)?.generated,
                let key = planner.key(of: subject.target, settings: subject.target.wantedSettings(mode))
            {
                planner.footprints.note(speed: speed, for: key)
            }
        }
        try planner.footprints.save()
    }

    /// Tells whoever watches how far it is.
    private func note(_ name: ModelName, _ mode: LoadSettings.LoadMode, _ round: Int, _ speed: LoadModeRun.Speed) {
        if Console.isTerminal(.error) {
            let line =
                "\(name), \(mode.rawValue), \(round) of \(rounds): \(speed.generated.formatted(decimals: 1)) tokens/s, "
                + "prompt \(speed.prompt.formatted(decimals: 1))"
            Console.note(TextStyle(for: .error)(line, .faint))
        }
    }
}
