import Foundation
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import SaraiAccess
package import SaraiConfiguration
import SaraiCore
package import SaraiHub
package import SaraiPipelines
package import SaraiPool
package import ServiceLifecycle

/// The HTTP server: four APIs in front of one pool.
package enum SaraiServer {
    /// Makes the server.
    ///
    /// - Parameters:
    ///   - pipelines: answer the requests.
    ///   - reloader: reads the configuration again when a client asks for it.
    ///   - models: the folder of models, for those that clients have fetched.
    ///   - access: decides who may ask.
    ///   - certificate: what the server proves itself with; `nil` for plain HTTP.
    ///   - version: told to clients.
    ///   - logger: for requests.
    ///   - onListening: called once, when connections are accepted, with where that is: also the port, if any free one was to
    ///     be taken.
    /// - Returns: a service that serves until it is told to shut down.
    package static func make(
        pipelines: Pipelines, reloader: Reloader, models: ModelStore, access: AccessControl,
        certificate: ServerCertificate?, version: String, logger: Logger,
        onListening: @escaping @Sendable (ListenAddress) async -> Void = { _ in }
    ) -> any Service {
        let configuration = pipelines.pool.configuration.server
        // The HTTP stack tells at "info" what the daemon itself says better.
        var quieter = logger
        quieter.logLevel = max(logger.logLevel, .warning)
        let address: BindAddress =
            switch configuration.listen {
            case .tcp(let host, let port): .hostname(host, port: port)
            case .unix(let path): .unixDomainSocket(path: path)
            }
        return Application(
            router: makeRouter(
                pipelines: pipelines, reloader: reloader, models: models, access: access, version: version,
                logger: logger),
            server: channels(configuration.connections, certificate: certificate),
            configuration: .init(address: address, serverName: "sarai/\(version)"),
            onServerRunning: { await onListening(configuration.listen.bound(to: $0.localAddress?.port)) },
            logger: quieter)
    }

    /// What makes the handlers of each connection.
    private static func channels(_ limits: ConnectionLimits, certificate: ServerCertificate?) -> HTTPServerBuilder {
        let headerBytes = limits.maxHeader
        var http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ClientPresenceHandler(), RequestWatchHandler(headerLimit: headerBytes)],
            idleTimeout: TimeAmount(limits.idleTimeout))
        http.httpDecoder = .init(
            maxHeaderFieldSize: headerBytes.bytes, maxHeaderListSize: headerBytes.bytes,
            maxHeaderFieldCount: WireRefusal.maximumHeaders)
        let register = ConnectionRegister(
            ConnectionCounts(limit: limits.maxConnections, clientLimit: limits.maxClientConnections))
        let settings = http
        return HTTPServerBuilder { responder in
            GuardedChannel(
                base: HTTP1Channel(responder: responder, configuration: settings), register: register,
                headerTimeout: limits.headerTimeout, bodyTimeout: limits.bodyTimeout, certificate: certificate)
        }
    }

    /// All routes.
    static func makeRouter(
        pipelines: Pipelines, reloader: Reloader, models: ModelStore, access: AccessControl, version: String,
        logger: Logger
    ) -> Router<ServerContext> {
        let pool = pipelines.pool
        let server = pool.configuration.server
        let limits = BodyLimits(server)
        let router = Router(context: ServerContext.self)
        // Before any route: what is added later has no effect on routes that are there.
        router.addMiddleware {
            ObservingMiddleware(metrics: pool.metrics, logger: logger)
            GuardMiddleware(
                hosts: HostCheck(allowed: server.allowedHosts),
                origins: CrossOrigin(allowed: Set(server.allowedOrigins)))
            ErrorMiddleware()
            AuthenticationMiddleware(access: access)
            ContentTypeMiddleware()
            BodyBudgetMiddleware(
                budget: BodyBudget(limit: server.maxBodyTotal.bytes), largest: server.maxMediaBody)
        }
        WebRoutes().add(to: router)
        PoolRoutes(pipelines: pipelines, limits: limits).add(to: router)
        PlanRoutes(pool: pool).add(to: router)
        EventRoutes(pool: pool).add(to: router)
        MetricsRoutes(pool: pool, version: version).add(to: router)
        ReloadRoutes(reloader: reloader, limits: limits).add(to: router)
        RouterRoutes(pipelines: pipelines, limits: limits).add(to: router)
        TranscriptionRoutes(pipelines: pipelines, limits: limits).add(to: router)
        OllamaRoutes(pipelines: pipelines, limits: limits, version: version).add(to: router)
        ResponsesRoutes(pipelines: pipelines, limits: limits).add(to: router)
        RerankRoutes(pool: pool, limits: limits).add(to: router)
        DescriptionRoutes(version: version).add(to: router)
        AnthropicRoutes(pipelines: pipelines, limits: limits).add(to: router)
        PullRoutes(pool: pool, limits: limits, folder: models).add(to: router)
        OpenAIRoutes(pipelines: pipelines, limits: limits, started: Int(Date().timeIntervalSince1970)).add(to: router)
        return router
    }
}

extension ListenAddress {
    /// The address with the port that the system has chosen.
    fileprivate func bound(to port: Int?) -> ListenAddress {
        guard case .tcp(let host, 0) = self, let port else {
            return self
        }
        return .tcp(host: host, port: port)
    }
}
