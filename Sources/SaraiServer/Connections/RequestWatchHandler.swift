import HTTPTypes
import NIOCore
import NIOHTTPTypes
import SaraiCore

/// Sees each request and each answer of a connection, and answers what never became a request.
///
/// The HTTP stack's own answer to such bytes would be an empty 400.
final class RequestWatchHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// What the client gets to read why, and to stop sending: a connection that is closed while bytes come in takes what
    /// was written with it.
    private static let lastWords = TimeAmount.seconds(1)

    private let headerLimit: MemorySize
    /// Requests whose answers are not complete.
    private var unanswered = 0
    /// Whether the answer to the first of them has begun.
    private var isAnswering = false
    /// Whether a request is coming in.
    private var isReading = false
    private var hasRefused = false
    private var dialect = Dialect(path: "/")

    /// A handler for one connection.
    ///
    /// - Parameter headerLimit: what the messages say of the limit on headers.
    init(headerLimit: MemorySize) {
        self.headerLimit = headerLimit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasRefused else {
            return
        }
        switch unwrapInboundIn(data) {
        case .head(let head):
            unanswered += 1
            isReading = true
            dialect = Dialect(path: head.path ?? "/")
            context.triggerUserOutboundEvent(RequestProgress.head, promise: nil)
        case .body: break
        case .end:
            isReading = false
            context.triggerUserOutboundEvent(RequestProgress.end, promise: nil)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // Whoever answers a request that was refused meanwhile is too late.
        guard !hasRefused else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head: isAnswering = true
        case .body: break
        case .end:
            isAnswering = false
            unanswered -= 1
        }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !hasRefused else {
            return
        }
        // Answers to earlier requests come first; then the stack does what it always does.
        guard unanswered == (isReading ? 1 : 0), !isAnswering,
            var refusal = WireRefusal(error, headerLimit: headerLimit)
        else {
            context.fireErrorCaught(error)
            return
        }
        if isReading {
            refusal.dialect = dialect
        }
        refuse(refusal, context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let overdue = event as? RequestOverdue else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        guard !hasRefused else {
            return
        }
        switch overdue.phase {
        // Some clients send an empty line behind a request, which is the beginning of none: no reason to hang up on an
        // answer. When that is complete, the limit for idle connections holds.
        case .headers where unanswered > 0: break
        case .headers: refuse(.overdue(overdue, dialect: Dialect(path: "/")), context)
        case .body where unanswered > 1 || isAnswering: context.close(promise: nil)
        case .body: refuse(.overdue(overdue, dialect: dialect), context)
        }
    }

    private func refuse(_ refusal: WireRefusal, _ context: ChannelHandlerContext) {
        hasRefused = true
        for part in refusal.parts {
            context.write(wrapOutboundOut(part), promise: nil)
        }
        context.flush()
        context.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.lastWords) {
            context.close(promise: nil)
        }
    }
}
