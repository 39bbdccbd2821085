import Foundation
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import SaraiConfiguration
package import SaraiPipelines
package import SaraiPool
package import ServiceLifecycle

/// The HTTP server: three APIs in front of one pool.
package enum SaraiServer {
    /// Bytes of all headers of a request, at most.
    private static let maximumHeaderBytes = 16 << 10

    /// Makes the server.
    ///
    /// - Parameters:
    ///   - pipelines: answer the requests.
    ///   - reloader: reads the configuration again when a client asks for it.
    ///   - version: told to clients.
    ///   - logger: for requests that fail in unexpected ways.
    ///   - onListening: called once, when connections are accepted.
    /// - Returns: a service that serves until it is told to shut down.
    package static func make(
        pipelines: Pipelines, reloader: Reloader, version: String, logger: Logger,
        onListening: @escaping @Sendable () async -> Void = {}
    ) -> any Service {
        let configuration = pipelines.pool.configuration.server
        // The HTTP stack tells at "info" what the daemon itself says better.
        var quieter = logger
        quieter.logLevel = max(logger.logLevel, .warning)
        var http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ClientPresenceHandler()], idleTimeout: .seconds(120))
        http.httpDecoder = .init(
            maxHeaderFieldSize: maximumHeaderBytes, maxHeaderListSize: maximumHeaderBytes, maxHeaderFieldCount: 100)
        let address: BindAddress =
            switch configuration.listen {
            case .tcp(let host, let port): .hostname(host, port: port)
            case .unix(let path): .unixDomainSocket(path: path)
            }
        return Application(
            router: makeRouter(pipelines: pipelines, reloader: reloader, version: version),
            server: .http1(configuration: http),
            configuration: .init(address: address, serverName: "sarai/\(version)"),
            onServerRunning: { _ in await onListening() },
            logger: quieter)
    }

    /// All routes.
    static func makeRouter(
        pipelines: Pipelines, reloader: Reloader, version: String
    ) -> Router<ServerContext> {
        let pool = pipelines.pool
        let limits = BodyLimits(pool.configuration.server)
        let router = Router(context: ServerContext.self)
        router.addMiddleware {
            ErrorMiddleware()
            GuardMiddleware(allowedHosts: pool.configuration.server.allowedHosts)
        }
        WebRoutes().add(to: router)
        PoolRoutes(pool: pool, limits: limits).add(to: router)
        PlanRoutes(pool: pool).add(to: router)
        EventRoutes(pool: pool).add(to: router)
        ReloadRoutes(reloader: reloader, limits: limits).add(to: router)
        RouterRoutes(pipelines: pipelines, limits: limits).add(to: router)
        TranscriptionRoutes(pipelines: pipelines, limits: limits).add(to: router)
        OllamaRoutes(pipelines: pipelines, limits: limits, version: version).add(to: router)
        OpenAIRoutes(pipelines: pipelines, limits: limits, started: Int(Date().timeIntervalSince1970)).add(to: router)
        return router
    }
}
