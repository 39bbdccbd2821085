import NIOCore
import Testing

@testable import SaraiChaos

@Suite("What a proxy does with a connection")
struct ProxySessionTests {
    private let answer = WireAnswer.ndjson(.lineChunks)

    private func sent(_ actions: [ProxySession.Action]) -> String {
        actions.map { action in
            guard case .sendUpstream(let bytes) = action else {
                return ""
            }
            return String(buffer: bytes)
        }.joined()
    }

    @Test(arguments: WireAnswer.all)
    func withoutFaultsEveryByteGoesThroughAsItCame(answer: WireAnswer) {
        for size in [1, 2, 3, 7, 64, .max] {
            let client = SessionHarness.ask([], answer, size: size)
            #expect(client.bytes == answer.bytes)
            #expect(client.session.counts == .init(requests: 1, faults: 0))
        }
    }

    @Test func requestsGoThroughAsTheyCameAndAreSeenOneByOne() {
        let requests =
            "GET /api/tags HTTP/1.1\r\n\r\n" + SessionHarness.request
            + "POST /v1/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
            + "HEAD / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
        for size in [1, 3, 500] {
            var session = ProxySession(meeting: [], seed: 0)
            var seen: [String] = []
            var forwarded = ""
            let bytes = Array(requests.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                let piece = ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)])
                forwarded += sent(
                    session.receive(fromClient: piece) { head in
                        seen.append("\(head.method) \(head.path)")
                        return []
                    })
            }
            #expect(seen == ["GET /api/tags", "POST /api/chat", "POST /v1/x", "HEAD /"])
            #expect(forwarded == requests)
            #expect(session.counts.requests == 4)
        }
    }

    @Test func whatIsNotHTTPGoesThroughToo() {
        var client = SessionHarness(session: ProxySession(meeting: [], seed: 0))
        let hello = ByteBuffer(string: "\u{16}\u{3}hello\r\n\r\nyou")
        let actions = client.session.receive(fromClient: hello) { _ in
            Issue.record("no request")
            return []
        }
        #expect(sent(actions) == String(buffer: hello))
        client.take(client.session.receive(fromUpstream: hello))
        #expect(client.bytes == Array(hello.readableBytesView))
    }

    @Test func aFaultAtTheRequestForwardsNothing() throws {
        for (text, cut) in [("reset", Cut.reset), ("black_hole", .blackHole), ("stall", .stall), ("close", .close)] {
            var session = ProxySession(meeting: [], seed: 0)
            let fault = try Fault(text: text + ",when=request")
            let actions = session.receive(fromClient: ByteBuffer(string: SessionHarness.request)) { _ in [fault] }
            #expect(actions == [.respond(.cut(cut))])
            #expect(session.counts == .init(requests: 1, faults: 1))
        }
    }

    @Test func theProxyAnswersByItselfAndTheConnectionStaysUsable() throws {
        var client = SessionHarness(session: ProxySession(meeting: [], seed: 0))
        client.ask([try Fault(text: "status,code=429,retry_after=3")])
        let text = String(decoding: client.bytes, as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 429 ") && text.contains("\r\nRetry-After: 3\r\n"))
        #expect(text.contains("\r\nContent-Length: 26\r\n") && text.hasSuffix("\r\n\r\n{\"error\":\"injected fault\"}"))
        client.bytes = []
        client.ask([])
        client.take(client.session.receive(fromUpstream: ByteBuffer(bytes: answer.bytes)))
        #expect(client.bytes == answer.bytes)
        #expect(client.cut == nil)
    }

    @Test func oneRequestsFaultSparesTheNext() throws {
        var client = SessionHarness(session: ProxySession(meeting: [], seed: 0))
        for faults in [["flip,when=after_headers"], []] {
            client.bytes = []
            client.ask(try faults.map(Fault.init(text:)))
            client.take(client.session.receive(fromUpstream: ByteBuffer(bytes: answer.bytes)))
            #expect((client.bytes == answer.bytes) == faults.isEmpty)
        }
    }

    @Test func aFaultOfTheConnectionMeetsEveryResponse() throws {
        let fault = try Fault(text: "flip,when=accept")
        var client = SessionHarness(session: ProxySession(meeting: [fault], seed: 0))
        for _ in 1...2 {
            client.bytes = []
            client.ask([])
            client.take(client.session.receive(fromUpstream: ByteBuffer(bytes: answer.bytes)))
            #expect(client.bytes.first == ~UInt8(ascii: "H") && client.bytes.dropFirst() == answer.bytes.dropFirst())
        }
    }

    @Test func whatTheClientStillSaysAfterTheFault() throws {
        for (text, arrives) in [("stall", true), ("half_close", true), ("black_hole", false), ("reset", false)] {
            var client = SessionHarness.ask([try Fault(text: text + ",when=after_headers")], answer)
            #expect(client.bytes == answer.head)
            let actions = client.session.receive(fromClient: ByteBuffer(string: SessionHarness.request)) { _ in [] }
            #expect(sent(actions) == (arrives ? SessionHarness.request : ""), "\(text)")
            client.take(client.session.upstreamEnded(.close))
            #expect(client.bytes == answer.head, "nothing more, also when the upstream ends")
        }
    }

    @Test func interimResponsesAndAnswersWithoutABodyAreFramedRight() {
        var client = SessionHarness(session: ProxySession(meeting: [], seed: 0))
        let head = "HEAD / HTTP/1.1\r\n\r\n"
        client.take(client.session.receive(fromClient: ByteBuffer(string: head)) { _ in [] })
        client.ask([Fault(.reset, at: .afterBytes(1))])
        let responses =
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + "HTTP/1.1 100 Continue\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
        client.take(client.session.receive(fromUpstream: ByteBuffer(string: responses + "012345678")))
        #expect(String(decoding: client.bytes, as: UTF8.self) == responses + "0")
        #expect(client.cut == .reset)
    }
}
