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

    /// The lines, each with a newline.
    func text(_ style: TextStyle) -> String {
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
            "\(style("Missing:", .caution)) \(file.keyPath): there is no \(file.path)\n"
        }
        return "\(style("Sarai \(SaraiVersion.current)", .strong)) with \(loaded.file), memory budget "
            + "\(configuration.memory.budget)\n\(table.text(style))" + (warnings + missing).joined()
    }
}
