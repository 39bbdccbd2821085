import Hummingbird
import SaraiCore
import SaraiPipelines
import SaraiPool

/// The memory plan, as `sarai plan --json` prints it.
struct PlanRoutes: Sendable {
    let pool: ModelPool

    /// Adds the route.
    func add(to router: Router<ServerContext>) {
        router.get("/api/pool/plan") { request, _ in
            let plans = try await PlanComparison(
                pool.configuration, Self.scenario(request.uri.queryParameters["scenario"]), planner: pool.planner)
            return JSONBody.response(PlanJSON(plans))
        }
    }

    private static func scenario(_ name: Substring?) throws -> PlanScenario {
        guard let name else {
            return .configured
        }
        guard let scenario = PlanScenario(rawValue: String(name)) else {
            let known = PlanScenario.allCases.map(\.rawValue).joined(separator: ", ")
            throw PoolError(.invalidRequest, "scenario: '\(name.prefix(40))' is none of \(known)")
        }
        return scenario
    }
}
