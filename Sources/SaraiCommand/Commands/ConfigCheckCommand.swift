import ArgumentParser
import SaraiConfiguration
import SaraiCore

/// `sarai config check`: everything that is wrong with a configuration, at once.
struct ConfigCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what is wrong with the configuration.",
        discussion: """
            A configuration that is wrong ends with status 78. Files that are not there are named, but are no error: a \
            download may bring them.
            """)

    @OptionGroup var source: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let loaded: LoadedConfiguration
        do {
            loaded = try source.load()
        } catch {
            guard output.format == .json else {
                throw error
            }
            try output.show(ConfigurationReport(error))
            throw CommandFailure(.configuration)
        }
        try output.show(ConfigurationReport(loaded))
    }
}

/// What is to be said of a configuration.
private struct ConfigurationReport: CommandResult {
    struct Findings: Encodable {
        let valid: Bool
        var file: String?
        var models: [String] = []
        var problems: [ProblemReport] = []
        var warnings: [ProblemReport] = []
        var missingFiles: [Missing] = []
    }

    struct Missing: Encodable {
        let key: String
        let path: String
        let remedy: String
    }

    let json: Findings
    private let warnings: [String]

    init(_ loaded: LoadedConfiguration) {
        warnings = loaded.warnings.map(\.description)
        json = Findings(
            valid: true, file: loaded.file, models: loaded.configuration.models.map(\.name.rawValue),
            warnings: loaded.warnings.map(ProblemReport.init),
            missingFiles: loaded.missingFiles.map { file in
                Missing(
                    key: file.keyPath, path: file.path,
                    remedy: loaded.configuration.remedy(forMissing: file.path))
            })
    }

    init(_ error: ConfigurationError) {
        warnings = []
        json = Findings(valid: false, problems: error.problems.map(ProblemReport.init))
    }

    var quietLines: [String] { [] }

    func text(_ style: TextStyle) -> String {
        let warned = warnings.map { "\(style("Warning:", .caution)) \($0)\n" }
        let missing = json.missingFiles.map { file in
            "\(style("Missing:", .caution)) \(file.key): there is no \(file.path); \(file.remedy)\n"
        }
        let models = json.models.joined(separator: ", ")
        return warned.joined() + missing.joined() + "\(json.file ?? ""): \(style("valid", .good)), with \(models)\n"
    }
}
