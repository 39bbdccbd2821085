import AsyncHTTPClient
import SaraiBackends
import SaraiConfiguration
import SaraiCore

/// A look at one server of the network: what it has, and how far away it is. Nothing is loaded or generated there.
struct ServerSurvey {
    /// What it says of itself.
    let health: ServerHealth
    /// How far away it is.
    let latency: ServerLatency

    /// For each of the questions.
    private static let patience = Duration.seconds(5)

    /// A server as it is asked: once, however many targets are on it.
    struct Server: Hashable {
        fileprivate let kind: TargetKind
        fileprivate let url: String
        fileprivate let apiKey: Secret?
        fileprivate let authorities: String?

        /// The server of a target.
        init(_ target: RemoteTargetConfiguration) {
            kind = target.id.kind
            url = target.url
            apiKey = target.apiKey
            authorities = target.authorities
        }
    }

    /// Looks at all servers of a configuration, at the same time.
    static func surveys(of configuration: Configuration) async throws -> [Server: Result<ServerSurvey, BackendError>] {
        let servers = Set(
            configuration.models.flatMap(\.targets).compactMap { target -> Server? in
                if case .remote(let remote) = target { Server(remote) } else { nil }
            })
        return try await UpstreamClient.withHTTPClient(
            connectTimeout: configuration.timeouts.connect, connectionsPerServer: 8
        ) { client in
            try await withThrowingTaskGroup(of: (Server, Result<ServerSurvey, BackendError>).self) { group in
                for server in servers {
                    group.addTask { (server, try await survey(server, client: client)) }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
        }
    }

    private static func survey(_ server: Server, client: HTTPClient) async throws -> Result<ServerSurvey, BackendError>
    {
        let api: ServerProbe.API = server.kind == .ollama ? .ollama : .openAI
        do {
            let probe = ServerProbe(
                api, client: client, url: server.url, apiKey: server.apiKey?.value,
                trust: server.authorities.map { .authorities(file: $0) })
            // This makes the connection that the measurement then uses.
            let health = try await probe.check(timeout: patience)
            let latency = try await ServerLatency.measure(probe, url: server.url, timeout: patience)
            return .success(ServerSurvey(health: health, latency: latency))
        } catch let error as BackendError {
            return .failure(error)
        }
    }
}
