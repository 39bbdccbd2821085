import ArgumentParser

/// `sarai unload`: gives a model's memory back.
struct UnloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unload",
        abstract: "Unload a model from memory.",
        discussion: """
            Requests that it is answering are finished first. Its next request loads it again. Its servers that speak Ollama's \
            API are told to unload it too.
            """)

    @Argument(help: "The model, by its name in the configuration.", completion: .model)
    var model: String

    @Flag(help: "Unload it on the daemon's machine only.")
    var local = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await DaemonClient.connect(to: client.address()) { client in
            try await client.unload(model, locally: local)
            try output.show(UnloadReport(json: ["model": model]))
        }
    }
}

private struct UnloadReport: CommandResult {
    let json: [String: String]

    var quietLines: [String] { [] }

    func text(_ style: TextStyle) -> String {
        "\(style(json["model"] ?? "", .strong)) is unloaded, or will be when its last request is done.\n"
    }
}
