import NIOCore

@testable import SaraiChaos

/// A ``ProxySession`` without sockets: what a client gets of an answer.
struct SessionHarness {
    static let request = "POST /api/chat?x=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"

    /// What came before the cut.
    var bytes: [UInt8] = []
    var cut: Cut?
    var session: ProxySession

    /// Sends one request, and the answer in pieces of `size` bytes.
    static func ask(_ faults: [Fault], _ answer: WireAnswer, size: Int = .max) -> SessionHarness {
        var harness = SessionHarness(session: ProxySession(meeting: [], seed: 1))
        harness.ask(faults)
        let bytes = answer.bytes
        for start in stride(from: 0, to: bytes.count, by: min(size, bytes.count)) {
            let piece = bytes[start..<min(start + min(size, bytes.count), bytes.count)]
            harness.take(harness.session.receive(fromUpstream: ByteBuffer(bytes: piece)))
        }
        if answer.framing == .untilClose {
            harness.take(harness.session.upstreamEnded(.close))
        }
        return harness
    }

    mutating func ask(_ faults: [Fault]) {
        take(session.receive(fromClient: ByteBuffer(string: Self.request)) { _ in faults })
    }

    mutating func take(_ actions: [ProxySession.Action]) {
        for action in actions {
            switch action {
            case .sendUpstream, .respond(.pace), .respond(.fault): break
            case .respond(.slice(let slice)): bytes += slice.bytes.map { Array($0.readableBytesView) } ?? []
            case .respond(.cut(let cut)): self.cut = cut
            }
        }
    }
}
