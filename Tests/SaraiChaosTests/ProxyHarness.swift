import Foundation
import NIOCore
import NIOPosix
import Synchronization

@testable import SaraiChaos

/// An upstream with one known answer, and clients that see exactly what comes, and how it ends.
enum ProxyHarness {
    /// Runs `body` with a proxy in front of an upstream that gives `answer` to every request.
    static func run(
        _ answer: WireAnswer, _ faults: [String] = [], control: Endpoint? = nil,
        _ body: (ChaosProxy) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let upstream = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(UpstreamStub(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        defer { upstream.close(promise: nil) }
        try await ChaosProxy.withProxy(
            listen: .tcp(host: "127.0.0.1", port: 0),
            to: .tcp(host: "127.0.0.1", port: upstream.localAddress?.port ?? 0),
            control: control, faults: try faults.map(Fault.init(text:)), body)
    }

    /// Waits until `condition` holds.
    ///
    /// - Throws: `CancellationError` after half a minute.
    static func poll(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !condition() {
            guard ContinuousClock.now < deadline else {
                throw CancellationError()
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}

/// Gives its answer for every `}`, with which requests end here.
private final class UpstreamStub: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: WireAnswer

    init(_ answer: WireAnswer) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        for _ in 0..<bytes.readableBytesView.count(where: { $0 == UInt8(ascii: "}") }) {
            let written = context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer.bytes)))
            if answer.framing == .untilClose {
                let channel = context.channel
                written.whenComplete { _ in channel.close(promise: nil) }
            }
        }
    }
}

/// A client that never ends a connection by itself.
final class RawClient: Sendable {
    enum End {
        case fin
        case reset
    }

    private struct Seen {
        var bytes: [UInt8] = []
        var end: End?
    }

    private let channel: any Channel
    private let recorder: Recorder

    private init(_ channel: any Channel, _ recorder: Recorder) {
        self.channel = channel
        self.recorder = recorder
    }

    /// Runs `body` with a client that has connected to a proxy.
    static func run(_ proxy: ChaosProxy, _ body: (RawClient) async throws -> Void) async throws {
        try await run(at: proxy.address, body)
    }

    /// Sends a request whose answer ends with its connection.
    ///
    /// - Returns: the whole answer.
    static func ask(_ address: SocketAddress, _ request: String) async throws -> String {
        var answer = ""
        try await run(at: address) { client in
            try await client.send(request)
            answer = String(decoding: try await client.untilEnd().bytes, as: UTF8.self)
        }
        return answer
    }

    /// Runs `body` with a client that has connected to an address.
    static func run(at address: SocketAddress, _ body: (RawClient) async throws -> Void) async throws {
        let recorder = Recorder()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connectTimeout(.seconds(2))
            .channelInitializer { $0.pipeline.addHandler(recorder) }
            .connect(to: address).get()
        defer { channel.close(promise: nil) }
        try await body(RawClient(channel, recorder))
    }

    /// What has come so far.
    var bytes: [UInt8] {
        recorder.seen.withLock { $0.bytes }
    }

    /// How the connection has ended.
    var end: End? {
        recorder.seen.withLock { $0.end }
    }

    /// Sends a request.
    func send(_ text: String = SessionHarness.request) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// What this client has when nothing more can come.
    func untilEnd() async throws -> (bytes: [UInt8], end: End?) {
        try await ProxyHarness.poll { end != nil }
        return recorder.seen.withLock { ($0.bytes, $0.end) }
    }

    private final class Recorder: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        let seen = Mutex(Seen())

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            seen.withLock { $0.bytes += bytes.readableBytesView }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed = event {
                seen.withLock { $0.end = $0.end ?? .fin }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            seen.withLock { $0.end = (error as? IOError)?.errnoCode == ECONNRESET ? .reset : $0.end }
        }
    }
}
