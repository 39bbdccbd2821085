import ArgumentParser

/// `sarai service status`: how the service is.
struct ServiceStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show whether the service is installed and how it is.",
        discussion: "The exit status is 0 when it runs, 1 when it does not, and 69 when systemd cannot be asked.")

    @OptionGroup var output: OutputOptions

    func run() throws {
        try UserManager.require()
        let state = ServiceState.read()
        try output.show(state)
        guard state.isActive else {
            throw CommandFailure()
        }
    }
}
