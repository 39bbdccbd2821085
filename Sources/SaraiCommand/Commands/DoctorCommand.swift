import ArgumentParser

/// `sarai doctor`: whether everything that Sarai needs is there and works.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check that everything Sarai needs is there and works.",
        discussion: """
            Looks at the configuration, the engine, memory, folders, the daemon and every target of every model: its \
            state, why and since when, its last error, how far away its server is, and what to do. Changes and loads \
            nothing. The exit status is 1 when a check fails; what another target stands in for does not.
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
