import SaraiCore
import SaraiMemory
import SaraiPipelines
import SaraiPool

/// What `sarai bench load-modes` measured, and what plans make of it.
struct LoadModeReport: CommandResult {
    /// One model.
    struct Result {
        let name: ModelName
        let target: TargetID
        /// What each run showed, by load mode.
        var samples: [LoadSettings.LoadMode: [LoadModeRun.Speed]] = [:]
        /// Why it could not be measured.
        var error: String?
    }

    /// A result per model, in the order in which they were measured.
    let results: [Result]
    /// The plan of the configuration, with the new figures.
    let plan: ConfigurationPlan

    /// Whether every model was measured.
    var isComplete: Bool {
        results.allSatisfy { $0.error == nil }
    }

    /// The names of the models that could not be measured.
    var quietLines: [String] {
        results.filter { $0.error != nil }.map(\.name.rawValue)
    }

    func text(_ style: TextStyle) -> String {
        var table = TextTable([
            .text("MODEL"), .number("MAPPED"), .number("REPACKED"), .number("GAIN"), .number("PROMPT MAPPED"),
            .number("REPACKED"), .number("GAIN"), .text("THE PLAN CHOOSES"),
        ])
        for result in results {
            let (mapped, repacked) = (result.speed(.mapped), result.speed(.repacked))
            table.add([
                .init(result.name.rawValue, .strong), .init(mapped?.generated.formatted(decimals: 1)),
                .init(repacked?.generated.formatted(decimals: 1)), .init(result.gain(\.generated).map(percent)),
                .init(mapped?.prompt.formatted(decimals: 1)), .init(repacked?.prompt.formatted(decimals: 1)),
                .init(result.gain(\.prompt).map(percent)),
                .init(choice(for: result).map { "\($0.value): \($0.reason)" }),
            ])
        }
        let faults = results.compactMap { result in
            result.error.map { "\(style("Not measured:", .bad)) \(result.name): \($0)\n" }
        }
        let doubts = results.filter { $0.spread > Self.usualSpread }.map { result in
            let percent = (result.spread * 100).formatted(decimals: 0)
            return style("Unsteady:", .caution)
                + " \(result.name): runs of the same mode differ by \(percent) %. Measure again when nothing else runs.\n"
        }
        return style("Tokens per second: generated, and of the prompt.", .faint) + "\n\n" + table.text(style)
            + (faults.isEmpty && doubts.isEmpty ? "" : "\n" + (faults + doubts).joined())
    }

    /// By how much runs of the same mode differ at most on a machine that does nothing else.
    private static let usualSpread = 0.1

    private func percent(_ gain: Double) -> String {
        let figure = (gain * 100).formatted(decimals: 0)
        return gain > 0 && figure != "0" ? "+\(figure) %" : "\(figure) %"
    }

    /// What the plan chooses for a model; `nil` where it plans another target of it.
    private func choice(for result: Result) -> MemoryPlan.Choice? {
        plan.memory.lines.first { $0.target == result.target }?.choices.first { $0.setting == .loadMode }
    }
}

extension LoadModeReport.Result {
    /// The medians of a load mode's runs; `nil` where there were none.
    func speed(_ mode: LoadSettings.LoadMode) -> LoadModeRun.Speed? {
        guard let runs = samples[mode], !runs.isEmpty else {
            return nil
        }
        return LoadModeRun.Speed(prompt: Self.median(runs.map(\.prompt)), generated: Self.median(runs.map(\.generated)))
    }

    /// By how much the model is faster repacked, as a share; less than 0 where it is slower.
    func gain(_ figure: KeyPath<LoadModeRun.Speed, Double>) -> Double? {
        guard let mapped = speed(.mapped), let repacked = speed(.repacked) else {
            return nil
        }
        return repacked[keyPath: figure] / mapped[keyPath: figure] - 1
    }

    /// How far runs of the same mode are apart while generating, as a share of the fastest.
    var spread: Double {
        samples.values.map { runs in
            let speeds = runs.map(\.generated)
            return 1 - (speeds.min() ?? 0) / (speeds.max() ?? 1)
        }.max() ?? 0
    }

    private static func median(_ figures: [Double]) -> Double {
        let sorted = figures.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}

extension LoadModeReport {
    /// For programs. Speeds are in tokens per second.
    struct JSON: Encodable {
        let ok: Bool
        let models: [Model]
    }

    /// One model.
    struct Model: Encodable {
        let name: String
        let target: String
        let mapped: Mode?
        let repacked: Mode?
        /// By how much it generates faster repacked, as a share.
        let gain: Double?
        /// How far runs of the same mode are apart, as a share of the fastest.
        let spread: Double?
        /// The load mode that the plan chooses, and why.
        let choice: String?
        let reason: String?
        let error: String?
    }

    /// One load mode of a model: medians, and each run.
    struct Mode: Encodable {
        let generated: Double
        let prompt: Double
        let runs: [Run]
    }

    /// One run.
    struct Run: Encodable {
        let generated: Double
        let prompt: Double
    }

    var json: JSON {
        JSON(
            ok: isComplete,
            models: results.map { result in
                let choice = choice(for: result)
                return Model(
                    name: result.name.rawValue, target: "\(result.target)", mapped: result.json(.mapped),
                    repacked: result.json(.repacked), gain: result.gain(\.generated)?.rounded(to: 4),
                    spread: result.samples.isEmpty ? nil : result.spread.rounded(to: 4),
                    choice: choice?.value, reason: choice?.reason, error: result.error)
            })
    }
}

extension LoadModeReport.Result {
    fileprivate func json(_ mode: LoadSettings.LoadMode) -> LoadModeReport.Mode? {
        speed(mode).map { speed in
            LoadModeReport.Mode(
                generated: speed.generated.rounded(to: 2), prompt: speed.prompt.rounded(to: 2),
                runs: (samples[mode] ?? []).map { run in
                    .init(generated: run.generated.rounded(to: 2), prompt: run.prompt.rounded(to: 2))
                })
        }
    }
}
