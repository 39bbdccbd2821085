import ArgumentParser
import Foundation
import Sarai
import SaraiConfiguration

/// The option of every command that reads the configuration.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The configuration (default: SARAI_CONFIG, else sarai.yaml in SARAI_HOME or ~/.config/sarai).",
            valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    /// Whether somebody says which file it is.
    var isNamed: Bool {
        config != nil || ProcessInfo.processInfo.environment["SARAI_CONFIG"]?.isEmpty == false
    }

    /// Loads the configuration.
    ///
    /// - Parameter flags: values from the command line by key path.
    /// - Returns: the configuration, with warnings and the origin of every value.
    /// - Throws: everything that is wrong with it.
    func load(flags: [String: String] = [:]) throws(ConfigurationError) -> LoadedConfiguration {
        try PoolScope.load(path: config, flags: flags)
    }
}
