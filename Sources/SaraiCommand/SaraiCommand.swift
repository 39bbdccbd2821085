import ArgumentParser
import Sarai

/// The command line.
@main
struct SaraiCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sarai",
        abstract: "Keeps every model you need available at once, inside one memory budget.",
        discussion: """
            'sarai serve' is the daemon; it holds the models. 'ask', 'route', 'run', 'chat', 'ps', 'load', 'unload', 'pin', \
            'unpin', 'events', 'top', 'metrics', 'reload' and 'bench concurrent' talk to it, at --host or SARAI_HOST, else at \(DaemonAddress.standard).

            Exit status: 0 success; 1 failure; 64 wrong usage; 69 no daemon answers, or it cannot serve this now; \
            78 the configuration is wrong. Results go to stdout, everything else to stderr.
            """,
        version: SaraiVersion.current,
        groupedSubcommands: [
            CommandGroup(name: "Daemon", subcommands: [ServeCommand.self, ReloadCommand.self, ServiceCommand.self]),
            CommandGroup(
                name: "Models",
                subcommands: [
                    AskCommand.self, RouteCommand.self, RunCommand.self, ChatCommand.self, PsCommand.self,
                    LoadCommand.self, UnloadCommand.self,
                    PinCommand.self, UnpinCommand.self, EventsCommand.self, TopCommand.self, MetricsCommand.self,
                    BenchCommand.self,
                ]),
            CommandGroup(
                name: "Model files", subcommands: [PullCommand.self, ModelsCommand.self, RmCommand.self]),
            CommandGroup(
                name: "Set-up",
                subcommands: [
                    SetupCommand.self, InitCommand.self, PlanCommand.self, DoctorCommand.self, ConfigCommand.self,
                    KeysCommand.self, VersionCommand.self,
                ]),
        ])

    static func main() async {
        do {
            var command = try await asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            CommandFailure.exit(because: error)
        }
    }
}
