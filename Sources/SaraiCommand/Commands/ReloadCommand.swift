import ArgumentParser
import Foundation
import SaraiConfiguration
import SaraiPool

/// `sarai reload`: has the daemon read its configuration again.
struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have the daemon read its configuration again.",
        discussion: """
            The daemon reads the file that it was started with, and its .env files. Running answers go on; only models that \
            have changed are loaded again. If anything is wrong with the file, nothing changes, and the status is 78.
            """)

    @Flag(help: "Only say what would change.")
    var dryRun = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await DaemonClient.connect(to: client.address()) { client in
            do {
                try output.show(ReloadText(try await client.reload(isDryRun: dryRun)))
            } catch let error as RefusedConfiguration {
                guard output.format == .json else {
                    throw CommandFailure(
                        .configuration, "\(error.refusal.error)\nNothing was changed.")
                }
                try OutputOptions.showJSON(error.refusal)
                throw CommandFailure(.configuration)
            }
        }
    }
}

private struct ReloadText: CommandResult {
    let json: ReloadReport

    init(_ report: ReloadReport) {
        json = report
    }

    var quietLines: [String] { [] }

    func text(_ style: TextStyle) -> String {
        let difference = json.difference
        let warnings = json.warnings.map { "\(style("Warning:", .caution)) \($0)\n" }.joined()
        guard !difference.isEmpty else {
            return warnings + "\(json.file): nothing has changed\n"
        }
        var table = TextTable([.text(""), .text("")])
        for name in difference.added {
            table.add([.init("  + \(name)", .good), .init("added")])
        }
        for name in difference.removed {
            table.add([.init("  - \(name)", .bad), .init("removed; its running answers finish")])
        }
        for model in difference.changed {
            let keys = model.keys.joined(separator: ", ")
            table.add([
                .init("  ~ \(model.model)", .caution),
                .init(model.restartsWorker ? "\(keys): its worker starts again after its running answers" : keys),
            ])
        }
        if difference.isReordered {
            table.add([.init("  ~ models", .caution), .init("another order")])
        }
        for key in difference.settings {
            let waits = difference.needsRestart.contains(key)
            table.add([.init("  ~ \(key)", .caution), .init(waits ? "takes effect when the daemon is restarted" : "")])
        }
        let head = json.isDryRun ? "would change" : style("reloaded", .good)
        return warnings + "\(json.file): \(head)\n" + table.text(style)
    }
}
