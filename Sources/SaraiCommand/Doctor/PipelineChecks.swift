import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiPipelines
import SaraiPool

/// Whether the pipelines can run, and what of a request would leave this machine.
enum PipelineChecks {
    static func check(_ configuration: Configuration) async -> [Check] {
        let planner = ConfigurationPlanner.current(configuration, engine: try? EngineLocator.locate(for: configuration))
        let proofs = configuration.pipelines.map { PipelineProof($0, configuration, planner) }
        return proofs.map(check) + [search(configuration.search)]
    }

    private static func check(_ proof: PipelineProof) -> Check {
        let name = "pipeline \(proof.name)"
        let models = proof.models.map(\.rawValue).joined(separator: ", ")
        switch proof.verdict {
        case .available(let size):
            let verb = proof.models.count == 1 ? "is available" : "are available together"
            let text = "\(models) \(verb), with \(size) on this machine"
            guard !proof.missing.isEmpty else {
                return .ok(name, text)
            }
            let without = proof.missing.map { "\($0.model) is not: \($0.reason)" }.joined(separator: "; ")
            return .warn(
                name, "\(text), but \(without)",
                advice: "Its steps that ask such a model are left out. 'sarai plan' shows what would make room.")
        case .incomplete(let reason):
            return .ok(name, "is not offered: \(reason)")
        case .tooLarge(let reason):
            return .warn(
                name, "is refused: \(reason)",
                advice: "'sarai plan' shows ways out; 'pipelines: {\(proof.name): off}' removes it.")
        }
    }

    /// A search sends words of the request to somebody else.
    private static func search(_ search: SearchConfiguration) -> Check {
        guard let url = search.url else {
            return .ok("search", "is off (search.url): no request leaves this machine for the web")
        }
        return .ok("search", "on: queries made of requests go to \(url), and from there to search engines")
    }
}
