import Logging
import Sarai
import SaraiConfiguration
import SaraiCore

/// What the daemon tells on stderr before it starts: what it serves, and what is probably not meant.
struct StartUpNotice {
    private let loaded: LoadedConfiguration

    /// The notice of a configuration.
    init(_ loaded: LoadedConfiguration) {
        self.loaded = loaded
    }

    /// Tells it: people in text, programs in lines of their log.
    func tell(_ logger: Logger) {
        switch loaded.configuration.log.format {
        case .text: Console.prompt(text(TextStyle(for: .error)))
        case .json: log(to: logger)
        }
    }

    /// Tells where the daemon listens.
    func tellListening(on address: DaemonAddress, _ logger: Logger) {
        switch loaded.configuration.log.format {
        case .text: Console.note("\(TextStyle(for: .error)("Listening", .good)) on \(address)")
        case .json: logger.notice("listening", metadata: ["address": "\(address)"])
        }
    }

    private func log(to logger: Logger) {
        logger.notice(
            "daemon starting",
            metadata: [
                "version": "\(SaraiVersion.current)", "file": "\(loaded.file)",
                "budget": "\(loaded.configuration.memory.budget)",
            ])
        for warning in loaded.warnings {
            logger.warning("configuration", metadata: ["warning": "\(warning)"])
        }
        for file in loaded.missingFiles {
            logger.warning("file missing", metadata: ["key": "\(file.keyPath)", "path": "\(file.path)"])
        }
    }

    /// The lines for people, each with a newline.
    private func text(_ style: TextStyle) -> String {
        let configuration = loaded.configuration
        var table = TextTable([.text(""), .text(""), .text(""), .text("")])
        for model in configuration.models {
            let targets = model.targets.map(\.id.inBrief).joined(separator: ", else ")
            let residence = model.isResident ? "loaded at start" : ""
            table.add([
                .init("  " + model.name.rawValue, .strong), .init(model.role.rawValue), .init(targets),
                .init(residence, .faint),
            ])
        }
        let warnings = loaded.warnings.map { "\(style("Warning:", .caution)) \($0)\n" }
        let missing = loaded.missingFiles.map { file in
            "\(style("Missing:", .caution)) \(file.keyPath): there is no \(file.path); "
                + "\(configuration.remedy(forMissing: file.path))\n"
        }
        return "\(style("Sarai \(SaraiVersion.current)", .strong)) with \(loaded.file), memory budget "
            + "\(configuration.memory.budget)\n\(table.text(style))" + (warnings + missing).joined()
    }
}
