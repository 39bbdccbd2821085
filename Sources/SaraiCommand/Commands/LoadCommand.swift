import ArgumentParser

/// `sarai load`: makes a model available before its first request.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Load a model now, instead of at its first request.",
        discussion: "Returns when the model is ready. What would exceed the memory budget is refused.")

    @Argument(help: "The model, by its name in the configuration.", completion: .model)
    var model: String

    @Flag(help: "Load the file on the daemon's machine, also where a server is preferred.")
    var local = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await DaemonClient.connect(to: client.address()) { client in
            try output.show(LoadReport(json: try await client.load(model, locally: local)))
        }
    }
}

private struct LoadReport: CommandResult {
    let json: DaemonClient.Loaded

    var quietLines: [String] { [] }

    func text(_ style: TextStyle) -> String {
        "\(style(json.model, .strong)) is ready: \(json.target)\n"
    }
}
