import ArgumentParser
import Foundation
import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SaraiPipelines

/// `sarai init`: a first configuration from a folder of models.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a first configuration for the models in a folder.",
        discussion: """
            Reads the headers of the GGUF files in the folder and below it, gives each a role, puts projectors to their \
            models, and asks the server which of them it has too: those are asked of the server first, and their file stands \
            in for it. Then the plan checks that all of it fits. Never overwrites a file.
            """)

    @Argument(
        help: ArgumentHelp(
            "The folder (default: models in the data folder, ~/.local/share/sarai/models).", valueName: "folder"))
    var folder: String?

    @Option(
        help: ArgumentHelp(
            "A server of your network: Ollama, or one that speaks OpenAI's API.", valueName: "url"))
    var server: String?

    @Option(
        help: ArgumentHelp(
            "The memory for all models together, in GiB or with a unit (default: three quarters of the machine's).",
            valueName: "size"),
        transform: { text in
            guard let size = MemorySize(parsing: text, defaultUnit: .gibibytes(1)), size >= .mebibytes(64) else {
                throw ValidationError("expected a size such as 12 or 900MiB.")
            }
            return size
        })
    var maxRam: MemorySize?

    @Option(
        name: .long,
        help: ArgumentHelp("The file to write (default: where 'sarai serve' looks).", valueName: "file"))
    var config: String?

    @Flag(help: "Only print the configuration.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let paths = SaraiPaths.current
        let file = try destination(paths)
        let models = try ModelFolder(folder ?? paths.models)
        let catalogue: ServerCatalogue? = if let server { try await ServerCatalogue.ask(server) } else { nil }
        let runsWhisper = (try? WhisperLocator.locate(configured: nil, dataFolder: paths.data)) != nil
        var proposal = Proposal(models, server: catalogue, runsWhisper: runsWhisper)
        guard !proposal.entries.isEmpty else {
            let reasons = proposal.skipped.map { "\n  \($0.path): \($0.reason)" }.joined()
            throw CommandFailure(
                .failed, "no model that could be used is in \(models.path).\(reasons)\nPut GGUF files there.")
        }
        let setting = Proposal.Setting(
            source: models.path,
            bases: [(file as NSString).deletingLastPathComponent, paths.data].filter { $0 != "/" },
            budget: maxRam ?? Self.usualBudget)
        var plan = try Self.plan(proposal, setting, file: file)
        while !plan.memory.fits, proposal.relax() {
            plan = try Self.plan(proposal, setting, file: file)
        }
        let text = proposal.yaml(setting)
        if !dryRun {
            try Self.write(text, to: file)
        }
        try output.show(InitReport(proposal, plan, file: file, text: text, isWritten: !dryRun))
    }

    /// The file to write, which must not be there yet.
    private func destination(_ paths: SaraiPaths) throws -> String {
        let named = config.map { URL(filePath: ($0 as NSString).expandingTildeInPath).standardizedFileURL.path }
        let file = named ?? paths.configurationFiles[0]
        guard dryRun || !FileManager.default.fileExists(atPath: file) else {
            throw CommandFailure(
                .failed,
                "there is a configuration already, \(file). '--dry-run' shows what would be written, '--config' names another "
                    + "file.")
        }
        return file
    }

    private static var usualBudget: MemorySize {
        MemorySize(bytes: ((try? MachineMemory.read())?.usable ?? .gibibytes(4)).bytes / 4 * 3)
    }

    /// What the daemon would make of the text: an error here is a fault of this command.
    private static func plan(
        _ proposal: Proposal, _ setting: Proposal.Setting, file: String
    ) throws -> ConfigurationPlan {
        let loader = ConfigurationLoader(
            file: SourceFile(path: file, text: proposal.yaml(setting)), paths: .current,
            machineMemory: (try? MachineMemory.read())?.usable ?? setting.budget,
            fileExists: ConfigurationLoader.isFile)
        return ConfigurationPlan(try loader.load().configuration)
    }

    private static func write(_ text: String, to file: String) throws {
        do {
            let folder = (file as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: file), options: .withoutOverwriting)
        } catch {
            throw CommandFailure(.failed, "\(file) cannot be written: \(error.localizedDescription)")
        }
    }
}
