import Foundation
import Logging
import SaraiCore
import SaraiMemory
import Testing

@testable import SaraiPool

/// How events look to clients.
@Suite struct PoolEventTests {
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    private func json(_ body: PoolEvent.Body) throws -> String {
        String(decoding: try Self.encoder.encode(PoolEvent(id: 7, time: Sample.time, body: body)), as: UTF8.self)
    }

    @Test func anEventIsAFlatObjectWithoutAbsentMembers() throws {
        #expect(
            try json(.ready(Sample.local(), took: .milliseconds(1250))) == """
                {"id":7,"kind":"ready","model":"solar","seconds":1.25,"target":"solar/gguf_native",\
                "time":"2026-01-02T03:04:05.678Z"}
                """)
        #expect(try json(.draining) == #"{"id":7,"kind":"draining","time":"2026-01-02T03:04:05.678Z"}"#)
    }

    @Test func kindsAndMembersAreInSnakeCase() throws {
        #expect(
            try json(.resumed(from: Sample.remote(), to: Sample.local(), characters: 42)) == """
                {"characters":42,"from":"solar/ollama_http@10.0.0.7:11434","id":7,"kind":"resumed","model":"solar",\
                "time":"2026-01-02T03:04:05.678Z","to":"solar/gguf_native"}
                """)
        #expect(try json(.halfOpen(Sample.remote())).contains(#""kind":"half_open""#))
        #expect(try json(.evicted(Sample.local(), for: Sample.name("e5"))).contains(#""for":"e5""#))
        #expect(try json(.pressure(.stopAdmitting)).contains(#""level":"stop_admitting""#))
    }

    @Test func everyKindIsReadAsItWasWritten() throws {
        let bodies = try Sample.bodies()
        #expect(Set(bodies.map(\.kind)) == Set(PoolEvent.Kind.allCases))
        for body in bodies {
            let event = PoolEvent(id: 7, time: Sample.time, body: body)
            let read = try JSONDecoder().decode(PoolEvent.self, from: Self.encoder.encode(event))
            #expect((read.id, read.body) == (event.id, event.body))
            #expect(abs(read.time.timeIntervalSince(event.time)) < 0.0005)
        }
    }

    @Test func timesStayTheSameHoweverOftenTheyAreCopied() throws {
        for milliseconds in 0..<1000 {
            let time = Date(timeIntervalSince1970: 1_767_323_045 + Double(milliseconds) / 1000)
            let json = try Self.encoder.encode(PoolEvent(id: 1, time: time, body: .draining))
            let copy = try Self.encoder.encode(JSONDecoder().decode(PoolEvent.self, from: json))
            #expect(copy == json)
        }
    }

    @Test func everyMemberIsInTheLogToo() throws {
        for body in try Sample.bodies() {
            let event = PoolEvent(id: 7, time: Sample.time, body: body)
            let members = try JSONSerialization.jsonObject(with: Self.encoder.encode(event)) as? [String: Any] ?? [:]
            // The line has its own time, its kind is the sentence, and the id is said to be the event's.
            let expected = Set(members.keys).subtracting(["time", "kind", "id"]).union(["event"])
            #expect(Set(event.metadata.keys) == expected)
        }
    }

    @Test func aFailedProbeIsAWarning() throws {
        let good = try PoolEvent.Body.selfProbe(Sample.local(), took: .seconds(1))
        let bad = try PoolEvent.Body.selfProbe(Sample.local(), took: .seconds(1), failure: "no token")
        #expect((good.ok, good.logLevel) == (true, .debug))
        #expect((bad.ok, bad.logLevel, bad.reason) == (false, .warning, "no token"))
    }

    @Test func timesAndSharesHaveThreeDecimals() throws {
        #expect(try PoolEvent.Body.loading(Sample.local(), progress: 1.0 / 3).progress == 0.333)
        #expect(try PoolEvent.Body.ready(Sample.local(), took: .microseconds(1_234_567)).seconds == 1.235)
    }
}
