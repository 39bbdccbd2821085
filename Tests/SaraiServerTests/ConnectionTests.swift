import HTTPTypes
import NIOCore
import NIOHTTP1
import SaraiCore
import Testing

@testable import SaraiServer

@Suite("Connections")
struct ConnectionTests {
    @Test("no more than the limit, of one machine no more than its own")
    func counts() {
        var counts = ConnectionCounts(limit: 4, clientLimit: 2)
        #expect(counts.enter("a") == nil)
        #expect(counts.enter("a") == nil)
        #expect(counts.enter("a") == .client(limit: 2))
        #expect(counts.enter("b") == nil)
        #expect(counts.enter(nil) == nil)
        #expect(counts.enter("c") == .total(limit: 4))
        #expect(counts.enter(nil) == .total(limit: 4))
        counts.leave("a")
        #expect(counts.enter("a") == nil)
        counts.leave(nil)
        #expect(counts.enter(nil) == nil)
        #expect(counts.total == 4)
    }

    @Test("programs of this machine count together only")
    func local() {
        var counts = ConnectionCounts(limit: 10, clientLimit: 1)
        for _ in 0..<10 {
            #expect(counts.enter(nil) == nil)
        }
    }

    @Test("nothing is kept of clients that are gone")
    func gone() {
        var counts = ConnectionCounts(limit: 10, clientLimit: 5)
        for number in 0..<100 {
            #expect(counts.enter("\(number)") == nil)
            #expect(counts.enter("\(number)") == nil)
            counts.leave("\(number)")
            counts.leave("\(number)")
        }
        #expect((counts.total, counts.clientCount) == (0, 0))
    }

    @Test("which addresses are one machine")
    func machines() throws {
        func machine(_ address: String) throws -> String? {
            try SocketAddress(ipAddress: address, port: 1).clientMachine
        }
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            let machine = try machine(address)
            #expect(machine == nil, "\(address)")
        }
        let socket = try SocketAddress(unixDomainSocketPath: "/run/s.sock")
        #expect(socket.clientMachine == nil)
        let machines = try ["10.0.0.1", "10.0.0.2", "::ffff:10.0.0.1"].map(machine)
        #expect(machines == ["10.0.0.1", "10.0.0.2", "10.0.0.1"])
        let networks = try ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"].map(machine)
        #expect(networks[0] != nil && networks[0] == networks[1] && networks[0] != networks[2])
    }

    @Test("a clock runs from a request's first byte to its end")
    func clock() {
        var clock = RequestClock()
        #expect(clock.handle(.bytes) == .start(.headers))
        #expect(clock.handle(.bytes) == .none)
        #expect(clock.handle(.head) == .start(.body))
        #expect(clock.handle(.bytes) == .none)
        #expect(clock.handle(.end) == .stop)
        // The next request on the connection.
        #expect(clock.handle(.bytes) == .start(.headers))
        // Two that came in one piece.
        #expect(clock.handle(.head) == .start(.body) && clock.handle(.end) == .stop)
        #expect(clock.handle(.head) == .start(.body) && clock.handle(.end) == .stop)
    }

    @Test("errors of the HTTP stack, and what the client is told")
    func refusals() throws {
        let limit = MemorySize(bytes: 16 << 10)
        let overflow = try #require(WireRefusal(HTTPParserError.headerOverflow, headerLimit: limit))
        #expect(overflow.status.code == 431)
        #expect(overflow.message.contains("16.0 KiB") && overflow.message.contains("server.max_header"))
        let garbage = try #require(WireRefusal(HTTPParserError.invalidHeaderToken, headerLimit: limit))
        #expect(garbage.status.code == 400 && !garbage.message.isEmpty)
        #expect(WireRefusal(HTTPParserError.invalidVersion, headerLimit: limit)?.status.code == 505)
        #expect(WireRefusal(HTTPParserError.invalidEOFState, headerLimit: limit) == nil)
        #expect(WireRefusal(ChannelError.eof, headerLimit: limit) == nil)
    }

    @Test("a refused connection gets a whole answer")
    func bytes() throws {
        let text = String(buffer: WireRefusal.crowded(.total(limit: 3)).bytes)
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
        let body = try #require(parts.last)
        #expect(text.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        #expect(parts.first?.contains("Content-Length: \(body.utf8.count)") == true)
        #expect(body.hasPrefix("{\"error\":") && body.contains("server.max_connections"))
    }
}
