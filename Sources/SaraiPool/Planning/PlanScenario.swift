/// What is to be planned: the configuration as it runs, or for comparison.
package enum PlanScenario: String, CaseIterable, Sendable {
    /// As the daemon runs it: the file of each model that has one, as it stands in for a server or does not.
    case configured
    /// Each model that has a server is there, and its file takes memory only if it must stand in.
    case hybrid
    /// Each model that has a file is here.
    case allLocal = "all-local"
    /// The same, loaded as the engine does unless told otherwise.
    case engineDefaults = "engine-defaults"

    /// What it means, for a person.
    package var summary: String {
        switch self {
        case .configured: "as the daemon runs it"
        case .hybrid: "models with a server on it, their copies kept unless best_effort"
        case .allLocal: "every model that has a file here, as Sarai loads it"
        case .engineDefaults: "the same as llama-server does by itself, prompt caches full"
        }
    }

    /// Whether servers are left alone.
    var isLocal: Bool {
        self == .allLocal || self == .engineDefaults
    }
}
