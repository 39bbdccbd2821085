import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Sarai
import SaraiAccess
import SaraiConfiguration
import SaraiHub
import SaraiPipelines
import SaraiPool
import Testing

@testable import SaraiServer

/// Walks the whole route table: a route that somebody adds without a guard fails here.
@Suite("The route table")
struct RouteTableTests {
    private static let key = "a-key-that-only-this-test-knows"
    private static let yaml = "models:\n  m: {backend: ollama_http, servers: 'http://127.0.0.1:9'}\n"

    /// Runs `body` with the daemon's router, for which there is a key.
    private func withRouter<Result>(
        _ body: @escaping (Router<ServerContext>) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sarai-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(Self.yaml.utf8).write(to: URL(filePath: "\(folder)/sarai.yaml"))
        let configuration = try Configuration.load(path: "\(folder)/sarai.yaml")
        let paths = SaraiPaths(
            environment: ["SARAI_HOME": folder], home: folder, currentFolder: folder, userID: 0)
        let access = try AccessControl(
            file: APIKeyFile(path: "\(folder)/keys.json"), keys: [Secret(Self.key)],
            listen: .tcp(host: "127.0.0.1", port: 0))
        return try await PoolScope.withPool(
            configuration, paths: paths, instance: "audit", logger: Logger(label: "audit")
        ) { pipelines in
            let reloader = Reloader(pool: pipelines.pool) { () throws(ConfigurationError) in
                try PoolScope.load(path: "\(folder)/sarai.yaml")
            } onReload: {
                []
            }
            return try await body(
                SaraiServer.makeRouter(
                    pipelines: pipelines, reloader: reloader, models: ModelStore("\(folder)/models"), access: access,
                    version: "0", logger: Logger(label: "audit")))
        }
    }

    @Test("no route lets anybody in without a key, nor any web page with one")
    func guarded() async throws {
        try await withRouter { router in
            let audit = RouteAudit(router: router, key: Self.key)
            #expect(router.routes.count > 20)
            #expect(router.routes.contains { $0.method == .post && "\($0.path)" == "/api/pool/reload" })
            let gaps = try await audit.gaps()
            #expect(gaps == [])
        }
    }

    @Test("a route without a guard is found")
    func unguarded() async throws {
        let open = Router(context: ServerContext.self)
        open.get("/secret/:name") { _, _ in "come in" }
        // As if somebody had added the route before the guards.
        open.add(middleware: GuardMiddleware(hosts: HostCheck(allowed: []), origins: CrossOrigin(allowed: [])))
        open.get("/half") { _, _ in "come in" }
        let gaps = try await RouteAudit(router: open, key: Self.key).gaps()
        #expect(gaps.contains("GET /secret/x answers 200 to no key"))
        #expect(gaps.contains("GET /secret/x answers 200 to a foreign host"))
        #expect(gaps.contains("GET /half answers 200 to no key"))
        #expect(!gaps.contains("GET /half answers 200 to a foreign host"))
    }

    @Test("the list of public routes is short, and tells nothing")
    func publicRoutes() async throws {
        try await withRouter { router in
            let open = router.routes.filter { PublicRoutes.contain($0.method, path: "\($0.path)") }
            #expect(open.contains { "\($0.path)" == "/health" })
            #expect(open.allSatisfy { !"\($0.path)".hasPrefix("/api") && !"\($0.path)".hasPrefix("/v1") })
        }
    }

    @Test("is what the description of the API says")
    func described() async throws {
        try await withRouter { router in
            let routes = Set(router.routes.map { "\($0.method) \($0.path)" })
            let described = APIDescription.operations.map { "\($0.method) \($0.routed)" }
            #expect(Set(described).count == described.count)
            // A route that somebody adds belongs among the operations of its dialect's description.
            #expect(routes.subtracting(described) == [])
            #expect(Set(described).subtracting(routes) == [])
        }
    }
}
