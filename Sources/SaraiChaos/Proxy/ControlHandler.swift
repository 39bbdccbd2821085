import NIOCore
import NIOHTTP1
import NIOPosix

/// The control port's HTTP: a request in, JSON out.
final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let control: ProxyControl
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    private init(_ control: ProxyControl) {
        self.control = control
    }

    /// Opens a control port.
    ///
    /// - Throws: when the address cannot be had.
    static func listen(
        at address: SocketAddress, for control: ProxyControl, group: any EventLoopGroup
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(ControlHandler(control))
                }
            }
            .bind(to: address).get()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
        case .body(var bytes): body.writeBuffer(&bytes)
        case .end:
            guard let head else {
                return
            }
            let channel = context.channel
            let answer = context.eventLoop.makeFutureWithTask { [control, body] in
                await control.answer(head.method, String(head.uri.prefix { $0 != "?" }), body: body)
            }
            answer.whenSuccess { Self.write($0, isKeptAlive: head.isKeepAlive, to: channel) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private static func write(_ answer: ProxyControl.Answer, isKeptAlive: Bool, to channel: any Channel) {
        var head = HTTPResponseHead(version: .http1_1, status: answer.status)
        head.headers.add(name: "content-type", value: "application/json")
        head.headers.add(name: "content-length", value: "\(answer.body.readableBytes)")
        if !isKeptAlive {
            head.headers.add(name: "connection", value: "close")
        }
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(answer.body)), promise: nil)
        let written = channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        if !isKeptAlive {
            written.whenComplete { _ in channel.close(promise: nil) }
        }
    }
}
