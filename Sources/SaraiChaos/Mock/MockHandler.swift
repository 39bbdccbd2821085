import NIOCore
import NIOHTTP1
import Synchronization

/// The mock's HTTP: writes what its ``MockRouter`` answers, when it is due.
final class MockHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let options: MockOptions
    private let router: MockRouter
    private let requests: RequestCount
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    private var timer: Scheduled<Void>?

    /// How many POST requests all connections have seen.
    final class RequestCount: Sendable {
        private let count = Atomic<UInt64>(0)

        /// No requests.
        init() {}

        /// Counts one more.
        ///
        /// - Returns: how many there were before.
        func next() -> UInt64 {
            count.wrappingAdd(1, ordering: .relaxed).oldValue
        }
    }

    /// A handler for a new connection.
    init(_ options: MockOptions, router: MockRouter, requests: RequestCount) {
        self.options = options
        self.router = router
        self.requests = requests
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
        case .body(var bytes): body.writeBuffer(&bytes)
        case .end: answer(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard let head else {
            return
        }
        let number = head.method == .POST ? requests.next() : 0
        let path = String(head.uri.prefix { $0 != "?" })
        switch router.reply(to: head.method.rawValue, path, body: body, number: number) {
        case .whole(let document):
            after(document.delay, context) { self.write(document, context) }
        case .stream(let stream):
            after(.milliseconds(Int64(options.timeToFirstToken)), context) { self.begin(stream, context) }
        }
    }

    private func write(_ document: MockReply.Document, _ context: ChannelHandlerContext) {
        var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: document.status))
        head.headers.add(name: "content-type", value: "application/json")
        head.headers.add(name: "content-length", value: "\(document.body.readableBytes)")
        if let retryAfter = document.retryAfter {
            head.headers.add(name: "retry-after", value: "\(retryAfter)")
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(document.body))), promise: nil)
        end(context)
    }

    private func begin(_ stream: MockReply.Stream, _ context: ChannelHandlerContext) {
        var head = HTTPResponseHead(version: .http1_1, status: .ok)
        head.headers.add(name: "content-type", value: stream.contentType)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if stream.opening.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(stream.opening))), promise: nil)
        }
        context.flush()
        writePieces(from: 0, of: stream, begun: .now(), context)
    }

    /// Writes the pieces that are due, each by itself, and comes back for the others.
    private func writePieces(
        from first: Int, of stream: MockReply.Stream, begun: NIODeadline, _ context: ChannelHandlerContext
    ) {
        for index in first..<stream.pieces.count {
            if index == options.resetAfter {
                return reset(context)
            }
            let due = begun + .milliseconds(Int64(index * options.interval))
            // Compared with the beginning, so that delays do not add up.
            if index > first, options.interval > 0 {
                timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) {
                    self.writePieces(from: index, of: stream, begun: begun, context)
                }
                return
            }
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(stream.pieces[index]))), promise: nil)
        }
        if stream.pieces.count == options.resetAfter {
            return reset(context)
        }
        context.write(wrapOutboundOut(.body(.byteBuffer(stream.closing))), promise: nil)
        end(context)
    }

    private func reset(_ context: ChannelHandlerContext) {
        let written = context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))))
        ConnectionEnd.perform(.reset, on: context.channel, after: written)
    }

    private func end(_ context: ChannelHandlerContext) {
        let isKeptAlive = head?.isKeepAlive ?? false
        head = nil
        let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if !isKeptAlive {
            let channel = context.channel
            written.whenComplete { _ in channel.close(promise: nil) }
        }
    }

    private func after(_ delay: TimeAmount, _ context: ChannelHandlerContext, _ action: @escaping () -> Void) {
        if delay > .zero {
            timer = context.eventLoop.assumeIsolated().scheduleTask(in: delay, action)
        } else {
            action()
        }
    }
}
