import Hummingbird
import SaraiCore
import SaraiPipelines
import SaraiPool

/// Sarai's own API: what neither dialect has.
struct PoolRoutes: Sendable {
    let pipelines: Pipelines
    let limits: BodyLimits

    private var pool: ModelPool { pipelines.pool }

    /// The body of a load, an unload and a pin.
    static let loadBody = Schema.object([
        .required("model", .component("ModelName")),
        .optional(
            "local", .boolean,
            "Whether the local twin alone is meant, also where a server is preferred; not of a pipeline."
        ),
    ])

    /// Adds the routes.
    func add(to router: Router<ServerContext>) {
        // Alive: the process answers.
        router.get("/health") { _, _ in JSONBody.response(["status": "ok"]) }
        // Ready: every resident model is there, and requests are taken.
        router.get("/ready") { _, _ in
            let missing = pool.missingResidents().map(\.rawValue)
            let status = pool.isShuttingDown ? "draining" : missing.isEmpty ? "ready" : "loading"
            return JSONBody.response(
                JSONBody.buffer(ReadyAnswer(status: status, missing: missing)),
                status: status == "ready" ? .ok : .serviceUnavailable)
        }
        router.get("/api/pool/state") { _, _ in JSONBody.response(pool.snapshot()) }
        router.post("/api/pool/load") { request, context in
            let (body, _) = try await JSONBody.decode(LoadRequest.self, from: request, limit: limits.plain)
            let route = try await context.presence().whileHere {
                try await pipelines.load(body.model, locally: body.isLocal)
            }
            return JSONBody.response(
                ["model": body.model.rawValue, "target": "\(route.target)"], headers: .init(route: route))
        }
        router.post("/api/pool/unload") { request, context in
            let (body, _) = try await JSONBody.decode(LoadRequest.self, from: request, limit: limits.plain)
            try pipelines.requireModel(body.model)
            try pool.unload(body.model)
            if !body.isLocal {
                try await context.presence().whileHere { try await pool.unloadOnServers(body.model) }
            }
            return JSONBody.response(["model": body.model.rawValue])
        }
        for (path, isPinned) in [("/api/pool/pin", true), ("/api/pool/unpin", false)] {
            router.post(RouterPath(path)) { request, _ in
                let (body, _) = try await JSONBody.decode(LoadRequest.self, from: request, limit: limits.plain)
                try pipelines.requireModel(body.model)
                try pool.setPinned(body.model, isPinned)
                return JSONBody.response(PinAnswer(model: body.model.rawValue, pinned: isPinned))
            }
        }
    }

    private struct PinAnswer: Encodable {
        let model: String
        let pinned: Bool
    }

    private struct ReadyAnswer: Encodable {
        let status: String
        let missing: [String]
    }

    /// The body of a load or an unload.
    private struct LoadRequest: Decodable {
        let model: ModelName
        /// Whether the local twin is meant, also where a server is preferred.
        let isLocal: Bool

        init(from decoder: any Decoder) throws {
            let fields = try RequestFields(decoder)
            model = try fields.model()
            isLocal = try fields.optional("local") ?? false
        }
    }
}
