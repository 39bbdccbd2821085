import AsyncHTTPClient
import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiPool

/// Whether the servers of the network answer and have their models. Nothing is generated there.
enum ServerChecks {
    static func check(_ configuration: Configuration) async throws -> [Check] {
        let remotes = configuration.models.flatMap { model in
            model.targets.compactMap { target in
                if case .remote(let remote) = target { (model: model, target: remote) } else { nil }
            }
        }
        return try await UpstreamClient.withHTTPClient(
            connectTimeout: configuration.timeouts.connect, connectionsPerServer: 8
        ) { client in
            try await withThrowingTaskGroup(of: (Int, Check).self) { group in
                for (index, remote) in remotes.enumerated() {
                    group.addTask { (index, await check(remote.target, of: remote.model, client: client)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
            }
        }
    }

    private static func check(
        _ target: RemoteTargetConfiguration, of model: ModelConfiguration, client: HTTPClient
    ) async -> Check {
        let name = "server of \(model.name)"
        let what = "\(target.url), model '\(target.model)'"
        do {
            let limits = BackendLimits(firstToken: .seconds(5), stall: .seconds(5))
            try await target.makeBackend(client: client, limits: limits).checkHealth()
            return .ok(name, "\(what)")
        } catch {
            let advice =
                (error as? BackendError)?.code == .modelMissing
                ? "Fetch the model there, or correct 'model'." : "Start the server, or correct 'servers'."
            guard model.targets.contains(where: { $0.id.kind.isLocal }) else {
                return .fail(name, "\(what): \(error)", advice: advice)
            }
            return .warn(name, "\(what): \(error)", advice: "The file on this machine answers instead. \(advice)")
        }
    }
}
