import NIOCore
import Testing

@testable import SaraiChaos

@Suite("The mock, over sockets")
struct MockServerTests {
    private func request(_ content: String) -> String {
        let body =
            #"{"model":"mock","messages":[{"role":"user","content":"x"},{"role":"assistant","content":"\#(content)"}]}"#
        return
            "POST /api/chat HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// The contents of all whole lines.
    private func contents(_ bytes: [UInt8]) -> [String] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").compactMap { line in
            line.hasSuffix("\n") ? line.firstMatch(of: /"content":"([^"]*)"/).map { String($0.1) } : nil
        }
    }

    @Test func nothingIsLostOrDoubledWhenAStreamIsCutAndContinued() async throws {
        let listen = Endpoint.tcp(host: "127.0.0.1", port: 0)
        var options = MockOptions()
        options.chunks = 12
        try await MockServer.withServer(listen: listen, options: options) { [options] address in
            let upstream = try #require(Endpoint(address))
            try await ChaosProxy.withProxy(listen: listen, to: upstream) { proxy in
                for cut in 0...options.chunks {
                    try await proxy.set([try Fault(text: "reset,after_content=\(cut),times=1")])
                    var text = ""
                    for _ in 1...2 {
                        try await RawClient.run(proxy) { client in
                            try await client.send(request(text))
                            text += contents(try await client.untilEnd().bytes).joined()
                        }
                    }
                    #expect(text == MockText(count: options.chunks).pieces.joined(), "cut after \(cut)")
                    #expect(proxy.statistics.faultsApplied == cut + 1)
                }
            }
        }
    }

    @Test func aStreamIsResetAfterItsPiecesHaveArrived() async throws {
        var options = MockOptions()
        options.resetAfter = 5
        options.interval = 1
        try await MockServer.withServer(listen: .tcp(host: "127.0.0.1", port: 0), options: options) { address in
            try await RawClient.run(at: address) { client in
                try await client.send(request(""))
                let (bytes, end) = try await client.untilEnd()
                #expect(contents(bytes) == ["w0 ", "w1 ", "w2 ", "w3 ", "w4 "] && end == .reset)
            }
        }
    }

    @Test func theMockIsAsSlowAsItIsTold() async throws {
        var options = MockOptions()
        (options.slowAccept, options.timeToFirstToken, options.interval, options.chunks) = (30, 40, 10, 4)
        try await MockServer.withServer(listen: .tcp(host: "127.0.0.1", port: 0), options: options) { address in
            let start = ContinuousClock.now
            try await RawClient.run(at: address) { client in
                try await client.send(request(""))
                let bytes = try await client.untilEnd().bytes
                #expect(contents(bytes).joined() == "w0 w1 w2 w3 ")
            }
            #expect(ContinuousClock.now - start >= .milliseconds(100))
        }
    }
}
