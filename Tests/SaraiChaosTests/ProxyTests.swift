import Foundation
import NIOCore
import Testing

@testable import SaraiChaos

@Suite("The proxy, over sockets")
struct ProxyTests {
    private static let answer = WireAnswer.ndjson(.lineChunks)

    /// A trigger, and what goes through before it.
    private static let cuts: [(String, [UInt8])] = [
        ("when=accept", []),
        ("when=request", []),
        ("when=before_headers", []),
        ("when=after_headers", answer.head),
        ("after_bytes=100", answer.prefix(payload: 100)),
        ("after_lines=2", answer.prefix(payload: answer.payload(throughLine: 2))),
        ("after_content=2", answer.prefix(payload: answer.payload(throughContent: 2))),
        ("after_content=1,plus_bytes=7", answer.prefix(payload: answer.payload(throughContent: 1) + 7)),
        ("when=before_last_line", answer.prefix(payload: answer.payloadBeforeLastLine, opensNextChunk: true)),
        ("when=at_end", answer.withoutEnd),
    ]

    @Test(arguments: cuts.dropFirst())
    func aResetComesAfterExactlyTheBytesBeforeIt(trigger: String, expected: [UInt8]) async throws {
        try await ProxyHarness.run(Self.answer, ["reset," + trigger]) { proxy in
            try await RawClient.run(proxy) { client in
                try await client.send()
                let (bytes, end) = try await client.untilEnd()
                #expect(bytes == expected && end == .reset)
            }
            try await ProxyHarness.poll { proxy.statistics.open == 0 }
            #expect(proxy.statistics.faultsApplied == 1 && proxy.statistics.bytesDown == expected.count)
        }
    }

    @Test func aResetAtAcceptMayComeEvenBeforeTheClientKnowsThatItIsConnected() async throws {
        try await ProxyHarness.run(Self.answer, ["reset,when=accept,times=20"]) { proxy in
            for _ in 1...20 {
                do {
                    try await RawClient.run(proxy) { client in
                        let (bytes, end) = try await client.untilEnd()
                        #expect(bytes.isEmpty && end == .reset)
                    }
                } catch let error as IOError {
                    #expect(error.errnoCode == ECONNRESET)
                }
            }
            #expect(proxy.statistics.faultsApplied == 20)
            try await RawClient.run(proxy) { client in
                try await client.send()
                try await ProxyHarness.poll { client.bytes == Self.answer.bytes }
            }
        }
    }

    @Test(arguments: cuts)
    func aFinComesAfterExactlyTheBytesBeforeIt(trigger: String, expected: [UInt8]) async throws {
        try await ProxyHarness.run(Self.answer, ["close," + trigger]) { proxy in
            try await RawClient.run(proxy) { client in
                try? await client.send()
                try await ProxyHarness.poll { proxy.statistics.open == 0 && client.end != nil }
                #expect(client.bytes == expected)
            }
        }
    }

    @Test(arguments: cuts)
    func afterAHalfCloseTheClientIsStillHeard(trigger: String, expected: [UInt8]) async throws {
        try await ProxyHarness.run(Self.answer, ["half_close," + trigger]) { proxy in
            try await RawClient.run(proxy) { client in
                try await client.send()
                let (bytes, end) = try await client.untilEnd()
                #expect(bytes == expected && end == .fin)
                let before = proxy.statistics
                #expect(before.open == 1)
                try await client.send()
                try await ProxyHarness.poll {
                    proxy.statistics.bytesUp >= before.bytesUp + SessionHarness.request.utf8.count
                }
                #expect(client.bytes == expected)
            }
            try await ProxyHarness.poll { proxy.statistics.open == 0 }
        }
    }

    @Test(arguments: ["stall", "black_hole"], cuts)
    func nothingFollowsButTheConnectionStays(fault: String, cut: (String, [UInt8])) async throws {
        try await ProxyHarness.run(Self.answer, ["\(fault),\(cut.0)"]) { proxy in
            try await RawClient.run(proxy) { client in
                try await client.send()
                try await ProxyHarness.poll { client.bytes.count >= cut.1.count && proxy.statistics.faultsApplied == 1 }
                #expect(proxy.statistics.open == 1 && client.end == nil)
                // Whatever was still to come would come before this reset.
                proxy.resetConnections()
                let (bytes, end) = try await client.untilEnd()
                #expect(bytes == cut.1 && end == .reset)
            }
        }
    }

    @Test func everyByteOfAPieceCanBeTheLast() async throws {
        let start = Self.answer.payload(throughContent: 1)
        let next = Self.answer.payload(throughContent: 2)
        try await ProxyHarness.run(Self.answer) { proxy in
            for plus in 0...(next - start) {
                try await proxy.set([try Fault(text: "reset,after_content=1,plus_bytes=\(plus)")])
                try await RawClient.run(proxy) { client in
                    try await client.send()
                    let (bytes, end) = try await client.untilEnd()
                    #expect(bytes == Self.answer.prefix(payload: start + plus) && end == .reset, "plus_bytes=\(plus)")
                }
            }
        }
    }

    @Test(arguments: WireAnswer.all)
    func whateverTheFramingTheCutIsExact(answer: WireAnswer) async throws {
        try await ProxyHarness.run(answer, ["reset,after_content=2,plus_bytes=3"]) { proxy in
            try await RawClient.run(proxy) { client in
                try await client.send()
                let (bytes, end) = try await client.untilEnd()
                #expect(bytes == answer.prefix(payload: answer.payload(throughContent: 2) + 3) && end == .reset)
            }
        }
    }

    @Test func aResetLosesNothingOfWhatFillsEveryBuffer() async throws {
        let line = String(repeating: "x", count: 99) + "\n"
        let answer = WireAnswer(framing: .contentLength, pieces: [(String(repeating: line, count: 60_000), false)])
        try await ProxyHarness.run(answer, ["reset,after_bytes=5000000"]) { proxy in
            try await RawClient.run(proxy) { client in
                try await client.send()
                let (bytes, end) = try await client.untilEnd()
                #expect(bytes.count == answer.head.count + 5_000_000 && end == .reset)
            }
        }
    }

    @Test(arguments: [
        "latency,ms=5,jitter=5", "bandwidth,bytes_per_second=50000", "slow_loris,ms=1,after_lines=4", "split",
        "split,when=accept", "coalesce,ms=20", "latency,ms=5,when=at_end",
    ])
    func aPaceLosesNothing(fault: String) async throws {
        try await ProxyHarness.run(Self.answer, [fault]) { proxy in
            try await RawClient.run(proxy) { client in
                for _ in 1...2 {
                    try await client.send()
                }
                let expected = Self.answer.bytes + Self.answer.bytes
                try await ProxyHarness.poll { client.bytes.count >= expected.count }
                #expect(client.bytes == expected && client.end == nil)
                #expect(proxy.statistics.requests == 2 && proxy.statistics.faultsApplied == 2)
            }
        }
    }

    @Test func theUpstreamsEndIsTheClientsEnd() async throws {
        let answer = WireAnswer.sse(.untilClose)
        try await ProxyHarness.run(answer) { proxy in
            try await RawClient.run(proxy) { client in
                try await client.send()
                let (bytes, end) = try await client.untilEnd()
                #expect(bytes == answer.bytes && end == .fin)
            }
        }
    }

    @Test func anUpstreamThatIsNotThereResetsTheClient() async throws {
        let nobody = try ReservedPort(SocketAddress(ipAddress: "127.0.0.1", port: 0))
        try await ChaosProxy.withProxy(
            listen: .tcp(host: "127.0.0.1", port: 0), to: .tcp(host: "127.0.0.1", port: nobody.address.port ?? 0)
        ) { proxy in
            try await RawClient.run(proxy) { client in
                try await client.send()
                let (bytes, end) = try await client.untilEnd()
                #expect(bytes.isEmpty && end == .reset)
            }
        }
    }

    @Test func thePortRefusesOrFallsSilentAndComesBack() async throws {
        try await ProxyHarness.run(Self.answer) { proxy in
            for _ in 1...2 {
                try await proxy.set([Fault(.refuse, at: .accept)])
                let refusal = await #expect(throws: (any Error).self) { try await RawClient.run(proxy) { _ in } }
                #expect("\(String(describing: refusal))".contains("Connection refused"))
                try await proxy.set([Fault(.unreachable, at: .accept)])
                let silence = await #expect(throws: (any Error).self) { try await RawClient.run(proxy) { _ in } }
                #expect("\(String(describing: silence))".contains("Connect timeout"))
                try await proxy.set([])
                try await RawClient.run(proxy) { client in
                    try await client.send()
                    try await ProxyHarness.poll { client.bytes == Self.answer.bytes }
                }
            }
            #expect(proxy.statistics.faultsApplied == 4 && proxy.statistics.connections == 2)
        }
    }

    @Test func aClientThatGoesTakesItsUpstreamAlong() async throws {
        try await ProxyHarness.run(Self.answer, ["stall,after_lines=1"]) { proxy in
            for _ in 1...20 {
                try await RawClient.run(proxy) { client in
                    try await client.send()
                    try await ProxyHarness.poll { !client.bytes.isEmpty }
                }
            }
            try await ProxyHarness.poll { proxy.statistics.open == 0 }
            #expect(proxy.statistics.connections == 20)
        }
    }
}
