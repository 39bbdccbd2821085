import ArgumentParser

/// `sarai pin`: keeps a model loaded whatever else is needed.
struct PinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: "Never unload a model to make room for another, nor when its time is over.",
        discussion: "Holds until 'sarai unpin' or the daemon's end. For good: 'pinned: true' in the configuration.")

    @Argument(help: "The model, by its name in the configuration.", completion: .model)
    var model: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await PinReport.show(setting: model, isPinned: true, output, client)
    }
}

/// `sarai unpin`: lets a model be unloaded again.
struct UnpinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpin", abstract: "Let a pinned model be unloaded again.")

    @Argument(help: "The model, by its name in the configuration.", completion: .model)
    var model: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await PinReport.show(setting: model, isPinned: false, output, client)
    }
}

private struct PinReport: CommandResult {
    let json: DaemonClient.Pinned

    var quietLines: [String] { [] }

    func text(_ style: TextStyle) -> String {
        let what =
            json.pinned ? "stays in memory: nothing makes it give way." : "gives way again when memory is needed."
        return "\(style(json.model, .strong)) \(what)\n"
    }

    static func show(
        setting model: String, isPinned: Bool, _ output: OutputOptions, _ client: ClientOptions
    ) async throws {
        try await DaemonClient.connect(to: client.address()) { client in
            try output.show(PinReport(json: try await client.setPinned(model, isPinned)))
        }
    }
}
