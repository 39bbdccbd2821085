import NIOCore
import NIOPosix

/// Does for one client's connection what its ``ProxySession`` decides.
///
/// Everything of a connection, the upstream's side too, happens on one event loop.
final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The connection to the upstream.
    private enum Upstream {
        case none
        case connecting(waiting: [ByteBuffer])
        case open(any Channel)
        case ended
    }

    /// So many bytes may wait for a client before no more are read.
    private static let highWaterMark = 1 << 20

    private let proxy: ProxyState
    private let channel: any Channel
    private var session: ProxySession
    private var queue: PacingQueue
    private var upstream = Upstream.none
    private var timer: Scheduled<Void>?
    private var isGone = false
    private var isReading = true
    private var hasSent = false

    /// A handler for a connection that has just been accepted.
    init(channel: any Channel, proxy: ProxyState) {
        self.channel = channel
        self.proxy = proxy
        let (session, seed) = proxy.opened(channel)
        self.session = session
        queue = PacingQueue(seed: seed)
    }

    // MARK: The client's side

    func channelActive(context: ChannelHandlerContext) {
        if let cut = session.firstCut {
            perform([.respond(.cut(cut))])
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let before = session.counts
        let actions = session.receive(fromClient: unwrapInboundIn(data)) { proxy.meet($0) }
        count(since: before)
        perform(actions)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        adjustReading()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isGone = true
        timer?.cancel()
        proxy.closed(channel)
        if case .open(let upstream) = upstream {
            upstream.close(promise: nil)
        }
        upstream = .ended
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A client that resets its connection; `channelInactive` follows.
        context.close(promise: nil)
    }

    // MARK: The upstream's side

    /// Notes bytes from the upstream.
    func receive(fromUpstream bytes: ByteBuffer) {
        let before = session.counts
        let actions = session.receive(fromUpstream: bytes)
        count(since: before)
        perform(actions)
    }

    /// Notes that the upstream's connection is gone.
    func upstreamEnded(_ cut: Cut) {
        guard !isGone else {
            return
        }
        upstream = .ended
        let before = session.counts
        let actions = session.upstreamEnded(cut)
        count(since: before)
        perform(actions)
    }

    /// Notes that the upstream's connection takes more bytes, or does not.
    func upstreamWritabilityChanged(isWritable: Bool) {
        try? channel.syncOptions?.setOption(.autoRead, value: isWritable)
    }

    private func send(toUpstream bytes: ByteBuffer) {
        switch upstream {
        case .none:
            upstream = .connecting(waiting: [bytes])
            connect()
        case .connecting(let waiting): upstream = .connecting(waiting: waiting + [bytes])
        case .open(let upstream):
            proxy.count { $0.bytesUp += bytes.readableBytes }
            upstream.writeAndFlush(bytes, promise: nil)
        case .ended: break
        }
    }

    private func connect() {
        let handler = NIOLoopBound(self, eventLoop: channel.eventLoop)
        let bootstrap = ClientBootstrap(group: channel.eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { upstream in
                upstream.eventLoop.makeCompletedFuture {
                    try upstream.pipeline.syncOperations.addHandler(UpstreamHandler(client: handler.value))
                }
            }
        let connection =
            switch proxy.upstream {
            case .tcp(let host, let port): bootstrap.connect(host: host, port: port)
            case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
            }
        connection.assumeIsolated().whenComplete { self.connected($0) }
    }

    private func connected(_ result: Result<any Channel, any Error>) {
        guard case .connecting(let waiting) = upstream, case .success(let connection) = result else {
            // A client that has gone needs no upstream; an upstream that does not answer ends the client's connection.
            try? result.get().close(promise: nil)
            return upstreamEnded(.reset)
        }
        upstream = .open(connection)
        waiting.forEach(send)
    }

    // MARK: What the client gets

    private func perform(_ actions: [ProxySession.Action]) {
        for action in actions {
            switch action {
            case .sendUpstream(let bytes): send(toUpstream: bytes)
            case .respond(let element): queue.append(element, now: .now())
            }
        }
        pump()
    }

    /// Sends what is due.
    private func pump() {
        guard !isGone else {
            return
        }
        timer?.cancel()
        timer = nil
        pumping: while true {
            switch queue.next(now: .now()) {
            case .write(let bytes):
                hasSent = true
                proxy.count { $0.bytesDown += bytes.readableBytes }
                channel.writeAndFlush(bytes, promise: nil)
            case .wait(let deadline):
                timer = channel.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.pump() }
                break pumping
            case .cut(let cut): end(cut)
            case .idle: break pumping
            }
        }
        adjustReading()
    }

    private func end(_ cut: Cut) {
        let kind: ConnectionEnd.Kind
        switch cut {
        case .stall, .blackHole: return
        case .halfClose: kind = .halfClose
        case .close: kind = .close
        case .reset where !hasSent: return ConnectionEnd.reset(channel)
        case .reset: kind = .reset
        }
        ConnectionEnd.perform(kind, on: channel, after: channel.writeAndFlush(ByteBuffer()))
    }

    private func adjustReading() {
        let isReading = channel.isWritable && queue.count < Self.highWaterMark
        guard isReading != self.isReading, case .open(let upstream) = upstream else {
            return
        }
        self.isReading = isReading
        try? upstream.syncOptions?.setOption(.autoRead, value: isReading)
    }

    private func count(since before: ProxySession.Counts) {
        let after = session.counts
        guard after != before else {
            return
        }
        proxy.count {
            $0.requests += after.requests - before.requests
            $0.faultsApplied += after.faults - before.faults
        }
    }
}

/// Tells a ``ClientHandler`` what its upstream does.
final class UpstreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let client: ClientHandler
    private var end = Cut.close

    /// A handler for a new connection.
    init(client: ClientHandler) {
        self.client = client
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        client.receive(fromUpstream: unwrapInboundIn(data))
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        client.upstreamWritabilityChanged(isWritable: context.channel.isWritable)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end = .reset
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        client.upstreamEnded(end)
    }
}
