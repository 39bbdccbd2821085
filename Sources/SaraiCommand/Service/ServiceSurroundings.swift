import Foundation
import SaraiBackends
import SaraiConfiguration

/// What a daemon that is started by hand finds around it, and one that a service manager starts would not.
struct ServiceSurroundings {
    /// Variables that the unit must carry so that the daemon finds the same files.
    let variables: [(name: String, value: String)]
    /// Names of variables that change the configuration here and now, and will not in the service.
    let lost: [String]

    /// Looks around.
    ///
    /// - Parameters:
    ///   - environment: this process's environment.
    ///   - paths: where things lie, as this process sees it.
    ///   - loaded: the configuration, if there is one.
    init(environment: [String: String], paths: SaraiPaths, loaded: LoadedConfiguration?) {
        let folders = ["SARAI_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"]
        var variables = folders.compactMap { name -> (name: String, value: String)? in
            guard let value = environment[name], !value.isEmpty else {
                return nil
            }
            // Of these alone SARAI_HOME may be relative, and the daemon will not start in this folder.
            return (name, name == "SARAI_HOME" ? paths.data : value)
        }
        var passed = Set(folders)
        if let engine = Self.engineOnPath(environment, paths, loaded?.configuration) {
            variables.append(("SARAI_LLAMA_SERVER", engine))
            passed.insert("SARAI_LLAMA_SERVER")
        }
        self.variables = variables
        var names: Set<String> = []
        for value in loaded?.origins ?? [] {
            names.formUnion(value.origin.environmentVariables)
        }
        lost = names.subtracting(passed).sorted()
    }

    /// A llama-server that is found only because of this process's `PATH` or variables.
    private static func engineOnPath(
        _ environment: [String: String], _ paths: SaraiPaths, _ configuration: Configuration?
    ) -> String? {
        if let named = environment["SARAI_LLAMA_SERVER"], named.hasPrefix("/") {
            return named
        }
        let inFolder = try? EngineLocator.locate(configured: nil, dataFolder: paths.data, path: "")
        guard inFolder == nil, configuration?.engine.llamaServer == nil else {
            return nil
        }
        return try? EngineLocator.locate(configured: nil, dataFolder: paths.data, path: environment["PATH"] ?? "")
    }
}

extension Origin {
    /// The variables of the environment that the value depends on.
    fileprivate var environmentVariables: [String] {
        switch self {
        case .environment(let name): [name]
        case .file(_, let variables): variables.flatMap(\.environmentVariables)
        case .flag, .dotEnv, .default: []
        }
    }
}
