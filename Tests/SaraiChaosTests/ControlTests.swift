import NIOCore
import Testing

@testable import SaraiChaos

@Suite("The control port")
struct ControlTests {
    /// What the control port says to a request, over a socket.
    private func ask(_ proxy: ChaosProxy, _ request: String, body: String = "") async throws -> String {
        let address = try #require(proxy.controlAddress)
        return try await RawClient.ask(
            address,
            "\(request) HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    @Test func faultsAreSetAndReadAndTakenBack() async throws {
        let control = Endpoint.tcp(host: "127.0.0.1", port: 0)
        try await ProxyHarness.run(.ndjson(.lineChunks), control: control) { proxy in
            let list = #"[{"after_bytes":3,"fault":"reset","times":1}]"#
            let before = try await ask(proxy, "GET /faults")
            #expect(before.hasSuffix("\r\n\r\n[]"))
            let put = try await ask(proxy, "PUT /faults", body: list)
            #expect(put.hasSuffix(list))
            let read = try await ask(proxy, "GET /faults")
            #expect(read.hasSuffix(list))
            #expect(proxy.faults == [try Fault(text: "reset,after_bytes=3,times=1")])
            let deleted = try await ask(proxy, "DELETE /faults")
            #expect(deleted.hasSuffix("\r\n\r\n[]"))
            #expect(proxy.faults.isEmpty)
        }
    }

    @Test func mistakesChangeNothing() async throws {
        let control = Endpoint.tcp(host: "127.0.0.1", port: 0)
        try await ProxyHarness.run(.ndjson(.lineChunks), ["reset"], control: control) { proxy in
            for (body, message) in [
                (#"[{"fault":"reset"},{"fault":"resett"}]"#, "there is no fault 'resett'"),
                (#"{"fault":"reset"}"#, "not a JSON list of faults"), (#"[{"fault":["reset"]}]"#, "not a JSON list"),
                ("[", "not a JSON list"),
            ] {
                let answer = try await ask(proxy, "PUT /faults", body: body)
                #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains(message), "\(body)")
                #expect(proxy.faults == [Fault(.reset)])
            }
            let missing = try await ask(proxy, "GET /nothing")
            #expect(missing.hasPrefix("HTTP/1.1 404 "))
        }
    }

    @Test func statisticsCountAndConnectionsAreReset() async throws {
        let control = Endpoint.tcp(host: "127.0.0.1", port: 0)
        let answer = WireAnswer.ndjson(.lineChunks)
        try await ProxyHarness.run(answer, control: control) { proxy in
            try await RawClient.run(proxy) { client in
                try await client.send()
                try await ProxyHarness.poll { client.bytes == answer.bytes }
                let up = SessionHarness.request.utf8.count
                let statistics = try await ask(proxy, "GET /statistics")
                let counts =
                    #"{"bytes_down":\#(answer.bytes.count),"bytes_up":\#(up),"connections":1,"faults_applied":0,"#
                #expect(statistics.hasSuffix(counts + #""open":1,"requests":1}"#))
                let reset = try await ask(proxy, "POST /reset_connections")
                #expect(reset.hasPrefix("HTTP/1.1 200 "))
                let end = try await client.untilEnd().end
                #expect(end == .reset)
            }
            try await ProxyHarness.poll { proxy.statistics.open == 0 }
        }
    }
}
