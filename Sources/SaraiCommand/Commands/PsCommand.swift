import ArgumentParser
import SaraiCore
import SaraiPool

/// `sarai ps`: what is loaded, and the memory it takes.
struct PsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps", abstract: "Show the models, where each is served, and the memory they take.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await DaemonClient.connect(to: client.address()) { client in
            let (snapshot, json) = try await client.state()
            try output.show(PoolReport(snapshot: snapshot, json: json))
        }
    }
}

/// The state of a pool.
private struct PoolReport: CommandResult {
    let snapshot: PoolSnapshot
    let json: JSONValue

    var quietLines: [String] {
        snapshot.models.map(\.name)
    }

    func text(_ style: TextStyle) -> String {
        var table = TextTable([
            .text("MODEL"), .text("ROLE"), .text("STATE"), .text("TARGET"), .number("PREDICTED"), .number("MEASURED"),
            .number("IN FLIGHT"), .number("QUEUED"),
        ])
        for model in snapshot.models {
            table.add([
                .init(model.name, .strong), .init(model.role), state(of: model), .init(model.brief(model.target)),
                .init(model.predictedBytes.map { "\(MemorySize(bytes: $0))" }),
                .init(model.measuredBytes > 0 ? "\(MemorySize(bytes: model.measuredBytes))" : nil),
                .init("\(model.inFlight)"), .init("\(model.queued)"),
            ])
        }
        return table.text(style) + "\n" + memoryLine + "\n" + faults(style)
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

    private var memoryLine: String {
        let reserved = MemorySize(bytes: snapshot.reservedBytes), budget = MemorySize(bytes: snapshot.budgetBytes)
        let measured = MemorySize(bytes: snapshot.residentBytes), hard = MemorySize(bytes: snapshot.hardBytes)
        let machine = MemorySize(bytes: snapshot.machineBytes)
        return "Memory: \(reserved) reserved of the budget of \(budget); measured \(measured), \(hard) of it private; "
            + "the machine has \(machine)."
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
