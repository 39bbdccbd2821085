import Foundation
import Logging
import SaraiCore
import Synchronization
import Testing

@testable import Sarai

@Suite("Logs for programs")
struct JSONLogHandlerTests {
    /// What was written.
    private final class Lines: Sendable {
        let data = Mutex(Data())

        func logger(_ level: Logger.Level = .info) -> Logger {
            Logger(label: "sarai") { label in
                JSONLogHandler(
                    label: label, level: level, metadataProvider: .request,
                    now: { Date(timeIntervalSince1970: 1_767_323_045.25) },
                    write: { [self] line in data.withLock { $0.append(line) } })
            }
        }

        var texts: [Substring] {
            data.withLock { String(decoding: $0, as: UTF8.self) }.split(separator: "\n")
        }
    }

    @Test("a line is an object with always the same keys, in the same order")
    func line() {
        let lines = Lines()
        lines.logger().info("model ready", metadata: ["model": "solar", "seconds": "1.25"])
        lines.logger().notice("daemon draining")
        #expect(
            lines.texts == [
                #"{"level":"info","logger":"sarai","message":"model ready","metadata":{"model":"solar","seconds":"1.25"},"#
                    + #""time":"2026-01-02T03:04:05.250Z"}"#,
                #"{"level":"notice","logger":"sarai","message":"daemon draining","metadata":{},"#
                    + #""time":"2026-01-02T03:04:05.250Z"}"#,
            ])
    }

    @Test("whatever a line says, it is one line that can be read")
    func hostile() throws {
        let lines = Lines()
        let text = "a\n\"b\"\\ \u{1B}[31m \u{2028} é"
        lines.logger().error("\(text)", metadata: ["key": "\(text)", "list": ["a", ["b": "c"]]])
        #expect(lines.texts.count == 1)
        let line = try #require(lines.texts.first)
        let object = try JSONDecoder().decode(JSONValue.self, from: Data(line.utf8))
        #expect(object["message"] == .string(text))
        #expect(object["metadata"]?["key"] == .string(text))
        #expect(object["metadata"]?["list"] == .array([.string("a"), .object(["b": .string("c")])]))
    }

    @Test("the nearer to the line, the more metadata counts; the request is among it")
    func metadata() throws {
        let lines = Lines()
        var logger = lines.logger()
        logger[metadataKey: "who"] = "logger"
        logger[metadataKey: "where"] = "logger"
        let id = try #require(RequestID("r-1"))
        RequestID.$current.withValue(id) { logger.info("x", metadata: ["who": "line"]) }
        let line = try #require(lines.texts.first)
        #expect(line.contains(#""metadata":{"request_id":"r-1","where":"logger","who":"line"}"#))
    }

    @Test("what is less important is not written")
    func levels() {
        let lines = Lines()
        lines.logger(.warning).info("x")
        #expect(lines.texts.isEmpty)
    }
}
