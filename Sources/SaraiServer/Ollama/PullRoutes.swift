import HTTPTypes
import Hummingbird
import NIOCore
import SaraiConfiguration
import SaraiCore
import SaraiHub
import SaraiPool
import ServiceLifecycle

/// Ollama's routes that bring and remove models. A request never names a server: only the configured hub is asked.
struct PullRoutes: Sendable {
    let pool: ModelPool
    let limits: BodyLimits
    /// The folder of models.
    let folder: ModelStore
    private let pulls = SharedPulls<PullOrder>()

    /// Routes for the models of a pool.
    init(pool: ModelPool, limits: BodyLimits, folder: ModelStore) {
        (self.pool, self.limits, self.folder) = (pool, limits, folder)
    }

    /// Adds the routes.
    func add(to router: Router<ServerContext>) {
        router.post("/api/pull", use: pull)
        router.delete("/api/delete", use: delete)
    }

    // MARK: Bringing

    @Sendable private func pull(_ request: Request, _ context: ServerContext) async throws -> Response {
        let (body, _) = try await JSONBody.decode(PullBody.self, from: request, limit: limits.plain)
        try requireAllowed()
        let presence = await context.presence()
        guard let order = try await order(body, presence: presence) else {
            // Nothing says where its files come from, and they are all there.
            return body.stream
                ? Self.lines(of: [.status("success")]) : JSONBody.response(PullLine.status("success"))
        }
        let run = PullRun(
            order: order, hub: pool.configuration.hub, data: SaraiPaths.current.data,
            isConfigured: !pool.configuration.models.users(of: [order.model.path]).isEmpty)
        let watch = try pulls.watch(order, work: run.run)
        guard body.stream else {
            try await presence.whileHere {
                for await line in watch.lines {
                    _ = try line.get()
                }
                try Task.checkCancellation()
            }
            return JSONBody.response(PullLine.status("success"))
        }
        return stream(watch, presence: presence)
    }

    private func requireAllowed() throws {
        guard pool.configuration.hub.allowsPull else {
            throw PoolError(
                .unsupported, "requests may not fetch or remove models here (hub.allow_pull is false); use 'sarai pull'"
            )
        }
    }

    /// What a request asks for; `nil` if there is nothing to do.
    private func order(_ body: PullBody, presence: ClientPresence) async throws -> PullOrder? {
        let configuration = pool.configuration
        if let name = ModelName(body.model), let model = configuration.models.first(where: { $0.name == name }),
            let target = model.localTarget, target.source == nil, target.files.allSatisfy(ConfigurationLoader.isFile)
        {
            return nil
        }
        do {
            let request = try PullRequest(
                body.model, models: configuration.models, folder: folder.path, allowsAddresses: false)
            return try await presence.whileHere {
                try await ModelPuller.with(configuration.hub) { puller in
                    try await puller.order(request.source, to: request.destination)
                }
            }
        } catch let error as HubError {
            throw PoolError(error)
        }
    }

    private func stream(_ watch: PullWatch, presence: ClientPresence) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/x-ndjson", .cacheControl: "no-cache"],
            body: ResponseBody { writer in
                defer { presence.done() }
                presence.onLeave { watch.leave() }
                try await withGracefulShutdownHandler {
                    for await line in watch.lines {
                        try await writer.write(PullLine(line).buffer)
                    }
                } onGracefulShutdown: {
                    watch.leave()
                }
                try await writer.finish(nil)
            })
    }

    private static func lines(of lines: [PullLine]) -> Response {
        var buffer = ByteBuffer()
        for line in lines {
            buffer.writeImmutableBuffer(line.buffer)
        }
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson"], body: .init(byteBuffer: buffer))
    }

    // MARK: Removing

    @Sendable private func delete(_ request: Request, _ context: ServerContext) async throws -> Response {
        let (body, _) = try await JSONBody.decode(PullBody.self, from: request, limit: limits.plain)
        try requireAllowed()
        guard ModelSource.isHub(body.model) else {
            try pool.requireKnown(try ModelName(requested: body.model))
            throw PoolError(
                .unsupported,
                "model '\(body.model)' is part of the configuration; take it out there, then 'sarai rm' removes its file"
            )
        }
        do {
            guard case .hub(let repository, let wanted) = try ModelSource(parsing: body.model).place else {
                throw PoolError(.invalidRequest, "model: expected hf.co/ORG/REPO")
            }
            let files = try folder.names(of: repository, wanted).flatMap { try folder.files(of: $0) }
            let users = pool.configuration.models.users(of: files)
            guard users.isEmpty else {
                throw PoolError(
                    .unsupported,
                    "\(body.model) is used by \(users.map(\.rawValue).joined(separator: ", ")); take it out of the "
                        + "configuration first")
            }
            _ = try folder.remove(files)
            return Response(status: .ok)
        } catch let error as HubError {
            throw PoolError(error)
        } catch let error as InvalidModelSource {
            throw PoolError(.invalidRequest, "model: \(error.description)")
        }
    }
}

/// What is asked for.
private struct PullBody: Decodable {
    let model: String
    let stream: Bool

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        guard let text: String = try fields.optional("model") ?? fields.optional("name") else {
            throw PoolError(.invalidRequest, "model: missing")
        }
        guard try fields.optional("insecure") != true else {
            throw PoolError(
                .invalidRequest, "insecure: models are fetched encrypted only; hub.endpoint says from where")
        }
        model = text
        stream = try fields.optional("stream") ?? true
    }
}
