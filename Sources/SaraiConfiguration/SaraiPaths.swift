/// Where things lie on a user's machine.
///
/// The XDG base directories, or all of it under `SARAI_HOME` when that is set. A relative path in one of the variables
/// is ignored, as the XDG specification demands; `SARAI_HOME` alone may be relative to the current folder.
package struct SaraiPaths: Hashable, Sendable {
    /// The user's home folder.
    package let home: String
    /// The configuration file that is looked for when none is named, in order of preference.
    package let configurationFiles: [String]
    /// What is expensive to get again: the engine and the models.
    package let data: String
    /// What the daemon writes: logs, measurements.
    package let state: String
    /// Sockets. The daemon makes it with mode 0700.
    package let runtime: String
    /// The folder of the user's configuration, and of what belongs beside it.
    private let configuration: String

    /// The folder of the local engine.
    package var engine: String { data + "/engine" }
    /// The folder of the models' files.
    package var models: String { data + "/models" }
    /// What the daemon's keys are checked against, unless the configuration says otherwise.
    package var keys: String { configuration + "/keys.json" }
    /// The key of the user's own command line.
    package var clientKey: String { configuration + "/client.key" }

    /// What the sockets in ``runtime`` may add to its path: `/<instance>/<file>.sock`.
    package static let socketPathBudget = 48

    /// Finds the folders.
    ///
    /// - Parameters:
    ///   - environment: the process's environment.
    ///   - home: the user's home folder, for a machine where `HOME` is not set.
    ///   - currentFolder: where a relative `SARAI_HOME` starts.
    ///   - userID: names the folder for sockets under `/tmp`.
    package init(environment: [String: String], home: String, currentFolder: String, userID: UInt32) {
        func folder(_ variable: String) -> String? {
            environment[variable].flatMap { $0.hasPrefix("/") ? PathText.joined("/", $0) : nil }
        }
        let home = folder("HOME") ?? home
        self.home = home
        let user = PathText.joined(folder("XDG_CONFIG_HOME") ?? home + "/.config", "sarai/sarai.yaml")
        var runtime: String
        if let text = environment["SARAI_HOME"], !text.isEmpty {
            let root =
                text == "~" || text.hasPrefix("~/")
                ? PathText.joined(home, String(text.dropFirst(2))) : PathText.joined(currentFolder, text)
            configurationFiles = [root + "/sarai.yaml", user]
            configuration = root
            data = root
            state = root + "/state"
            runtime = root + "/run"
        } else {
            configurationFiles = [user]
            configuration = PathText.joined(folder("XDG_CONFIG_HOME") ?? home + "/.config", "sarai")
            data = (folder("XDG_DATA_HOME") ?? home + "/.local/share") + "/sarai"
            state = (folder("XDG_STATE_HOME") ?? home + "/.local/state") + "/sarai"
            runtime = folder("XDG_RUNTIME_DIR").map { $0 + "/sarai" } ?? state + "/run"
        }
        // A unix socket's path has at most 107 bytes. Below a deep folder, such as a test's or a container's, the
        // workers could not listen; one folder per user directly under /tmp is always short enough.
        if runtime.utf8.count + Self.socketPathBudget > ListenAddress.maximumSocketPath {
            runtime = "/tmp/sarai-\(userID)"
        }
        self.runtime = runtime
    }
}
