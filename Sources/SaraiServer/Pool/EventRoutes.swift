import HTTPTypes
import Hummingbird
import NIOCore
import SaraiCore
import SaraiPool
import ServiceLifecycle

/// What happens in the pool, as server-sent events.
struct EventRoutes: Sendable {
    let pool: ModelPool
    /// How often a stream without events shows that it is alive: proxies close silent connections, mostly after a minute.
    var heartbeat = Duration.seconds(15)

    /// Adds the route.
    func add(to router: Router<ServerContext>) {
        router.get("/api/pool/events") { request, context in
            let model = try request.uri.queryParameters["model"].map { try ModelName(requested: String($0)) }
            if let model {
                try pool.requireKnown(model)
            }
            let subscription = try pool.events.subscribe(after: Self.position(of: request))
            if request.uri.queryParameters["follow"] == "false" {
                subscription.finish()
            }
            let presence = await context.presence()
            presence.onLeave { subscription.finish() }
            return response(subscription, of: model, presence: presence)
        }
    }

    /// The last event that a client has already. A client that connects again says so in a header, whatever its first
    /// request asked for.
    private static func position(of request: Request) throws -> UInt64? {
        for (name, text) in [
            ("Last-Event-ID", request.headers[.lastEventID]),
            ("after", request.uri.queryParameters["after"].map(String.init)),
        ] {
            guard let text, !text.isEmpty else {
                continue
            }
            guard let id = UInt64(text) else {
                throw PoolError(.invalidRequest, "\(name): '\(text.prefix(40))' is not an event's number")
            }
            return id
        }
        return nil
    }

    private func response(
        _ subscription: EventSubscription, of model: ModelName?, presence: ClientPresence
    ) -> Response {
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-cache"]
        // nginx would hold events back until its buffer is full.
        headers[.accelBuffering] = "no"
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                defer { presence.done() }
                async let _: Void = beat(for: subscription)
                // A daemon that shuts down waits for running answers, and this one would never end by itself.
                try await withGracefulShutdownHandler {
                    try await writer.write(Self.heartbeatLine)
                    for await events in subscription {
                        let text = events.isEmpty ? Self.heartbeatLine : Self.text(of: events, about: model)
                        if text.readableBytes > 0 {
                            try await writer.write(text)
                        }
                    }
                } onGracefulShutdown: {
                    subscription.finish()
                }
                try await writer.finish(nil)
            })
    }

    private func beat(for subscription: EventSubscription) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: heartbeat)
            subscription.wakeUp()
        }
    }

    /// A comment, which clients skip. Source: WHATWG HTML, section 9.2.5.
    private static let heartbeatLine = ByteBuffer(string: ":\n\n")

    /// The events that concern a model, or every model.
    private static func text(of events: [PoolEvent], about model: ModelName?) -> ByteBuffer {
        var buffer = ByteBuffer()
        for event in events where model == nil || event.body.model == nil || event.body.model == model?.rawValue {
            buffer.writeString("id: \(event.id)\nevent: \(event.body.kind.rawValue)\ndata: ")
            buffer.writeImmutableBuffer(JSONBody.buffer(event))
            buffer.writeStaticString("\n\n")
        }
        return buffer
    }
}

extension HTTPField.Name {
    // The names are valid tokens, so the initialiser cannot fail.
    fileprivate static var lastEventID: Self { Self("Last-Event-ID") ?? .referer }
    fileprivate static var accelBuffering: Self { Self("X-Accel-Buffering") ?? .server }
}
