import ArgumentParser
import Foundation
import Sarai
import SaraiConfiguration

/// `sarai service install`: writes the unit, enables and starts it.
struct ServiceInstallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Install the daemon as your user's service, and start it.",
        discussion: """
            Writes ~/.config/systemd/user/\(SystemdUnit.name), which runs this program with this configuration, enables and \
            starts it; a service that runs already is started anew. See docs/service.md.
            """)

    @Flag(help: "Only print the unit.")
    var dryRun = false

    @Flag(help: "Replace a unit also if somebody else has written it.")
    var force = false

    @Option(help: ArgumentHelp("The program that the unit runs (default: this one).", valueName: "path"))
    var program: String?

    @OptionGroup var source: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let program, !program.hasPrefix("/") {
            throw ValidationError("--program needs an absolute path.")
        }
    }

    func run() throws {
        let file = UnitFile.own
        let loaded: LoadedConfiguration?
        if dryRun {
            // A unit for another machine has no configuration on this one.
            loaded = try? source.load()
        } else {
            loaded = try source.load()
        }
        let surroundings = ServiceSurroundings(
            environment: ProcessInfo.processInfo.environment, paths: .current, loaded: loaded)
        let unit = SystemdUnit(
            program: program ?? Program.own, configuration: configuration(loaded), environment: surroundings.variables)
        guard SystemdUnit.canRun(unit.program) else {
            throw CommandFailure(
                .failed,
                "systemd runs no program whose path has quotes, backslashes or control characters: \(unit.program). Put it "
                    + "elsewhere.")
        }
        warn(surroundings, unit)
        guard !dryRun else {
            try output.show(ServiceInstallation(unit, path: file.path, isInstalled: false))
            return
        }
        if !force {
            _ = try file.requireOwn(before: "replaces")
        }
        try UserManager.require()
        try file.write(unit)
        try UserManager.perform("daemon-reload")
        try UserManager.perform("enable", SystemdUnit.name)
        try start()
        try output.show(ServiceInstallation(unit, path: file.path, isInstalled: true))
    }

    /// The configuration that was named; the usual places are looked at anew at each start.
    private func configuration(_ loaded: LoadedConfiguration?) -> String? {
        let environment = ProcessInfo.processInfo.environment["SARAI_CONFIG"] ?? ""
        guard let named = source.config ?? (environment.isEmpty ? nil : environment) else {
            return nil
        }
        return URL(filePath: loaded?.file ?? named).standardizedFileURL.path
    }

    private func start() throws {
        do {
            try UserManager.perform("restart", SystemdUnit.name)
        } catch let failure as CommandFailure {
            let state = ServiceState.read().json
            let reason = state.status.map { "\n\($0)" } ?? ""
            throw CommandFailure(
                failure.status,
                "\(failure.message ?? "")\(reason)\nIts unit is installed. 'journalctl --user -u sarai -n 30' shows why it "
                    + "did not start; another daemon that runs by hand must end first.")
        }
    }

    private func warn(_ surroundings: ServiceSurroundings, _ unit: SystemdUnit) {
        let style = TextStyle(for: .error)
        if !surroundings.lost.isEmpty {
            let names = surroundings.lost.joined(separator: ", ")
            let (verb, pronoun) = surroundings.lost.count == 1 ? ("is", "it") : ("are", "them")
            Console.note(
                "\(style("Warning:", .caution)) \(names) \(verb) set here, and the service will not see \(pronoun). "
                    + "Put \(pronoun) into a file '.env' beside the configuration.")
        }
        if unit.program.contains("/.build/") {
            Console.note(
                "\(style("Warning:", .caution)) the unit runs \(unit.program), which the next build replaces. "
                    + "'make install' puts the program where it stays.")
        }
    }
}

private struct ServiceInstallation: CommandResult {
    struct JSON: Encodable {
        let path: String
        let installed: Bool
        let unit: String
        let linger: Bool?
    }

    let json: JSON

    init(_ unit: SystemdUnit, path: String, isInstalled: Bool) {
        json = JSON(
            path: path, installed: isInstalled, unit: unit.text, linger: isInstalled ? UserManager.isLingering : nil)
    }

    var quietLines: [String] {
        json.installed ? [] : [json.unit.trimmingCharacters(in: .newlines)]
    }

    func text(_ style: TextStyle) -> String {
        guard json.installed else {
            return json.unit
        }
        let hint =
            json.linger == true
            ? ""
            : "It ends with your last session. 'loginctl enable-linger' keeps it running, also after the machine starts.\n"
        return "\(SystemdUnit.name): \(style("installed and running", .good))\n  \(json.path)\n\(hint)"
            + "'sarai service status' shows how it is, 'journalctl --user -u sarai -f' its log.\n"
    }
}
