import ArgumentParser
import SaraiCore
import SaraiPool

/// `sarai ps`: what is loaded, and the memory it takes.
struct PsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps", abstract: "Show the models, where each is served, and the memory they take.")

    @Flag(help: "Show what each loaded model takes by kind: as predicted, and as measured after its load.")
    var kinds = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await DaemonClient.connect(to: client.address()) { client in
            let (snapshot, json) = try await client.state()
            try output.show(PoolReport(snapshot: snapshot, json: json, showsKinds: kinds))
        }
    }
}

/// The state of a pool.
private struct PoolReport: CommandResult {
    let snapshot: PoolSnapshot
    let json: JSONValue
    let showsKinds: Bool

    var quietLines: [String] {
        snapshot.models.map(\.name)
    }

    func text(_ style: TextStyle) -> String {
        var table = TextTable([
            .text("MODEL"), .text("ROLE"), .text("STATE"), .text("TARGET"), .number("PREDICTED"), .number("MEASURED"),
            .number("IN FLIGHT"), .number("QUEUED"), .text("STAYS"),
        ])
        for model in snapshot.models {
            table.add([
                .init(model.name, .strong), .init(model.role), state(of: model), .init(model.brief(model.target)),
                .init(model.predictedBytes.map { "\(MemorySize(bytes: $0))" }),
                .init(model.measuredBytes > 0 ? "\(MemorySize(bytes: model.measuredBytes))" : nil),
                .init("\(model.inFlight)"), .init("\(model.queued)"), .init(stay(of: model)),
            ])
        }
        let kinds = showsKinds ? kindsTable.text(style) + "\n" : ""
        return table.text(style) + "\n" + kinds + memoryLine + "\n" + coresLine + faults(style)
    }

    /// What the plan counts as each kind, and the same as the operating system sees it.
    private var kindsTable: TextTable {
        var table = TextTable([
            .text("MODEL"), .number("FILES PREDICTED"), .number("MEASURED"), .number("PRIVATE PREDICTED"),
            .number("MEASURED"), .number("PROGRAM"), .number("PAGE CACHE"),
        ])
        func size(_ bytes: Int?) -> TextTable.Cell {
            .init(bytes.map { "\(MemorySize(bytes: $0))" })
        }
        for model in snapshot.models where model.pid != nil {
            let predicted = model.predictedKinds, measured = model.measuredKinds
            table.add([
                .init(model.name, .strong), size(predicted?.weightsMapped), size(measured?.modelFiles),
                size(predicted.map { (model.predictedBytes ?? 0) - $0.weightsMapped }), size(measured?.anonymous),
                size(measured?.program), size(measured?.pageCache),
            ])
        }
        return table
    }

    private func state(of model: PoolSnapshot.Model) -> TextTable.Cell {
        let progress = model.targets.first { $0.id == model.target }?.progress
        switch model.state {
        case .ready: return .init("ready", .good)
        case .failed: return .init("failed", .bad)
        case .loading: return .init(progress.map { "loading \(Int($0 * 100)) %" } ?? "loading", .caution)
        case .draining: return .init("draining", .caution)
        case .unloaded: return .init("unloaded", .faint)
        }
    }

    /// How long a loaded model stays; nothing for one that is not loaded here.
    private func stay(of model: PoolSnapshot.Model) -> String? {
        guard model.pid != nil else {
            return nil
        }
        if model.pinned {
            return "pinned"
        }
        return model.expiresIn.map { "\(max(0, $0).formatted(decimals: 0)) s" }
            ?? (model.held ? "always" : "while there is room")
    }

    private var memoryLine: String {
        let reserved = MemorySize(bytes: snapshot.reservedBytes), budget = MemorySize(bytes: snapshot.budgetBytes)
        let measured = MemorySize(bytes: snapshot.residentBytes), hard = MemorySize(bytes: snapshot.hardBytes)
        let machine = MemorySize(bytes: snapshot.machineBytes)
        return "Memory: \(reserved) reserved of the budget of \(budget); measured \(measured), \(hard) of it private; "
            + "the machine has \(machine)."
    }

    /// Which workers have the cores, while some do.
    private var coresLine: String {
        let busy = snapshot.cores.workers.filter { $0.state != "resting" }
        guard !busy.isEmpty else {
            return ""
        }
        let names = busy.map {
            $0.target.split(separator: "/").dropLast().joined(separator: "/")
                + ($0.state == "paused" ? " (paused)" : "")
        }
        return
            "Cores: \(snapshot.cores.active) of \(snapshot.cores.usable) busy with \(names.joined(separator: ", ")).\n"
    }

    /// Why targets are not well, a line each.
    private func faults(_ style: TextStyle) -> String {
        snapshot.models.flatMap(\.targets).filter { $0.state == .failed }.map { target in
            style("\(target.id): \(target.reason ?? "failed")", .caution) + "\n"
        }.joined()
    }
}

extension PoolSnapshot.Model {
    /// A target of the model without the model's name, which stands beside it.
    func brief(_ target: String) -> String {
        target.hasPrefix(name + "/") ? String(target.dropFirst(name.count + 1)) : target
    }
}
