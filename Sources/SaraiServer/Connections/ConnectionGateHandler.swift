import NIOCore

/// How far a request has come, as ``RequestWatchHandler`` tells ``ConnectionGateHandler``.
enum RequestProgress: Sendable {
    case head, end
}

/// A request did not come in time, as ``ConnectionGateHandler`` tells ``RequestWatchHandler``.
struct RequestOverdue: Sendable {
    /// What did not come.
    let phase: RequestClock.Phase
    /// In what time.
    let limit: Duration
}

/// The first handler of each connection: takes it or refuses it, and watches the time that requests take to come.
///
/// With TLS the handshake counts as part of the first request's headers.
final class ConnectionGateHandler: ChannelInboundHandler, ChannelOutboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = ByteBuffer

    /// What a refused client gets to read why.
    private static let lastWords = TimeAmount.seconds(1)

    private enum Place {
        case outside
        case inside(client: String?)
    }

    private let register: ConnectionRegister
    private let headerTimeout: Duration
    private let bodyTimeout: Duration
    private let isPlain: Bool
    private var place = Place.outside
    private var clock = RequestClock()
    private var timer: Scheduled<Void>?

    /// A handler for one connection.
    ///
    /// - Parameters:
    ///   - register: all connections.
    ///   - headerTimeout: from a request's first byte to the end of its headers.
    ///   - bodyTimeout: from there to the end of its body.
    ///   - isPlain: whether what is written here reaches the client as it is.
    init(register: ConnectionRegister, headerTimeout: Duration, bodyTimeout: Duration, isPlain: Bool) {
        self.register = register
        self.headerTimeout = headerTimeout
        self.bodyTimeout = bodyTimeout
        self.isPlain = isPlain
    }

    func channelActive(context: ChannelHandlerContext) {
        let client = context.remoteAddress?.clientMachine
        if let refusal = register.enter(client) {
            refuse(refusal, context)
        } else {
            place = .inside(client: client)
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        if case .inside(let client) = place {
            place = .outside
            register.leave(client)
        }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .inside = place else {
            return
        }
        perform(clock.handle(.bytes), context)
        context.fireChannelRead(data)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let progress = event as? RequestProgress else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        switch progress {
        case .head: perform(clock.handle(.head), context)
        case .end: perform(clock.handle(.end), context)
        }
        promise?.succeed()
    }

    private func perform(_ action: RequestClock.Action, _ context: ChannelHandlerContext) {
        guard action != .none else {
            return
        }
        timer?.cancel()
        timer = nil
        guard case .start(let phase) = action else {
            return
        }
        let limit = phase == .headers ? headerTimeout : bodyTimeout
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) {
            context.fireUserInboundEventTriggered(RequestOverdue(phase: phase, limit: limit))
        }
    }

    /// Tells a client why it is not taken, before it has asked, and hangs up.
    private func refuse(_ refusal: ConnectionCounts.Refusal, _ context: ChannelHandlerContext) {
        guard isPlain else {
            context.close(promise: nil)
            return
        }
        context.writeAndFlush(wrapOutboundOut(WireRefusal.crowded(refusal).bytes), promise: nil)
        context.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.lastWords) {
            context.close(promise: nil)
        }
    }
}
