import Foundation
import HTTPTypes
import NIOCore
import SaraiCore
import Testing

@testable import SaraiServer

@Suite struct EncodingTests {
    /// What Foundation reads from our strings is what was put in.
    @Test func stringsSurvive() throws {
        var texts = ["", "plain", "\"quoted\" \\ back", "línea\n\t\r", "日本 🐈‍⬛", "\u{2028}", "</script>"]
        texts += (0..<32).map { String(UnicodeScalar(UInt8($0))) + "x" }
        for text in texts {
            var buffer = ByteBuffer()
            buffer.writeJSONString(text)
            let decoded = try JSONDecoder().decode(String.self, from: Data(buffer.readableBytesView))
            #expect(decoded == text)
        }
    }

    @Test(arguments: [
        ("0", 0), ("\"0\"", 0), ("\"0s\"", 0), ("-1", nil), ("\"-1\"", nil), ("\"10m\"", 600), ("\"1h30m\"", 5400),
        ("300", 300), ("0.5", 0.5), ("1e300", nil),
    ])
    func keepAlive(json: String, seconds: Double?) throws {
        let field = try JSONCoding.decode(KeepAliveField.self, from: json)
        #expect(field.value == seconds.map { .limited(.milliseconds(Int64($0 * 1000))) } ?? .forever)
    }

    @Test(arguments: ["\"soon\"", "\"\"", "\"10 parsecs\"", "{}", "\"-\""])
    func keepAliveThatMakesNoSenseIsRefused(json: String) {
        #expect(throws: (any Error).self) { try JSONCoding.decode(KeepAliveField.self, from: json) }
    }

    @Test(arguments: [
        (PoolError(.invalidRequest, "messages[0].role: missing"), "messages[0].role"),
        (PoolError(.unsupported, "store: nothing is stored; leave it out"), "store"),
        (PoolError(.invalidRequest, "the body: expected an object"), nil),
        (PoolError(.unsupported, "model 'm' takes no pictures: it is for text"), nil),
        (PoolError(.badGateway, "server: away"), nil), (PoolError(.invalidRequest, ": x"), nil),
    ])
    func errorsNameTheMemberThatIsWrong(error: PoolError, member: String?) throws {
        let body = try JSONCoding.decode(JSONValue.self, from: String(buffer: Dialect.openAI.body(of: error)))
        #expect(body["error"]?["param"] == member.map(JSONValue.string) ?? .null)
    }

    @Test func errorsHaveTheShapeAndStatusOfTheDialect() throws {
        let full = PoolError(.poolFull, "too much"), busy = PoolError(.busy, "later")
        #expect(Dialect(path: "/v1/chat/completions").status(of: busy.code) == .tooManyRequests)
        #expect(Dialect(path: "/api/chat").status(of: busy.code) == .serviceUnavailable)
        #expect(Dialect(path: "/v1x").body(of: full) == ByteBuffer(string: #"{"error":"too much"}"#))
        let body = try JSONDecoder().decode(JSONValue.self, from: Data(Dialect.openAI.body(of: full).readableBytesView))
        #expect(body["error"]?["type"] == .string("server_error") && body["error"]?["param"] == .null)
        #expect(body["error"]?["code"] == .string("pool_full"))
        #expect(Dialect(path: "/v1/messages/count_tokens").status(of: busy.code).code == 529)
        let other = try JSONDecoder().decode(
            JSONValue.self,
            from: Data(Dialect(path: "/v1/messages").body(of: busy, requestID: RequestID("r")).readableBytesView))
        #expect(other["type"] == .string("error") && other["request_id"] == .string("r"))
        #expect(
            other["error"]?["type"] == .string("overloaded_error") && other["error"]?["message"] == .string("later"))
        #expect(Dialect(path: "/v1/messagesx") == .openAI)
    }
}
