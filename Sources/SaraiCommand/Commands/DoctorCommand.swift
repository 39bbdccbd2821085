import ArgumentParser

/// `sarai doctor`: whether everything that Sarai needs is there and works.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check that everything Sarai needs is there and works.",
        discussion: """
            Looks at the configuration, the engine, the models' files, memory, folders, servers and the daemon; changes \
            and loads nothing. The exit status is 1 when a check fails.
            """)

    @OptionGroup var source: ConfigurationOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    func run() async throws {
        let diagnosis = try await Doctor(source: source, address: client.namedAddress()).examine()
        try output.show(diagnosis)
        guard diagnosis.isWell else {
            throw CommandFailure()
        }
    }
}
