import Foundation
import NIOCore
import SaraiCore
import Testing

@testable import SaraiServer

@Suite("Streams in Anthropic's dialect")
struct AnthropicStreamTests {
    /// The events of a stream, each by its type and what it says.
    private func events(_ write: (inout AnthropicStreamEncoder, inout ByteBuffer) -> Void) throws -> [JSONValue] {
        var encoder = AnthropicStreamEncoder(id: "msg_1", model: "m", requestID: RequestID("req_1"))
        var buffer = ByteBuffer()
        encoder.start(into: &buffer)
        write(&encoder, &buffer)
        return try String(buffer: buffer).components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { part in
            let lines = part.components(separatedBy: "\n")
            #expect(lines.count == 2 && lines[0].hasPrefix("event: ") && lines[1].hasPrefix("data: "))
            let event = try JSONDecoder().decode(JSONValue.self, from: Data(lines[1].dropFirst(6).utf8))
            #expect(event["type"] == .string(String(lines[0].dropFirst(7))))
            return event
        }
    }

    private func types(_ events: [JSONValue]) -> [String] {
        events.compactMap { event in
            let block = event["content_block"]?["type"] ?? event["delta"]?["type"]
            return [event["type"], block].compactMap(\.?.stringValue).joined(separator: " ")
        }
    }

    @Test("are a message of blocks, each of which begins and ends")
    func blocks() throws {
        let all = try events { encoder, buffer in
            for event: GenerationEvent in [
                .thinking("hm\n"), .thinking("!"), .content("a \"b\""), .content("c"),
                .toolCall(ToolCallDelta(index: 0, id: "t0", name: "f", arguments: "{\"x\":")),
                .toolCall(ToolCallDelta(index: 0, arguments: "1}")),
                .toolCall(ToolCallDelta(index: 1, id: "t1", name: "g")),
                .finished(Completion(reason: .toolCalls, usage: Usage())),
            ] {
                encoder.write(event, into: &buffer)
            }
        }
        #expect(
            types(all) == [
                "message_start", "ping",
                "content_block_start thinking", "content_block_delta thinking_delta",
                "content_block_delta thinking_delta", "content_block_stop",
                "content_block_start text", "content_block_delta text_delta", "content_block_delta text_delta",
                "content_block_stop",
                "content_block_start tool_use", "content_block_delta input_json_delta",
                "content_block_delta input_json_delta", "content_block_stop",
                "content_block_start tool_use", "content_block_stop",
                "message_delta", "message_stop",
            ])
        #expect(all.compactMap { $0["index"] } == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3].map(JSONValue.integer))
        #expect(all[10]["content_block"]?["id"] == .string("t0") && all[10]["content_block"]?["name"] == .string("f"))
        #expect(all[16]["delta"]?["stop_reason"] == .string("tool_use"))
    }

    @Test(
        "tell why they end",
        arguments: [
            (Completion.Reason.stop, nil, "end_turn"), (.stop, "END", "stop_sequence"), (.length, nil, "max_tokens"),
        ])
    func ends(reason: Completion.Reason, stopText: String?, told: String) throws {
        var usage = Usage()
        usage.promptTokens = 7
        usage.completionTokens = 3
        let completion = Completion(reason: reason, stopText: stopText, usage: usage)
        let all = try events { $0.write(.finished(completion), into: &$1) }
        #expect(types(all) == ["message_start", "ping", "message_delta", "message_stop"])
        #expect(all[2]["delta"]?["stop_reason"] == .string(told))
        #expect(all[2]["delta"]?["stop_sequence"] == stopText.map(JSONValue.string) ?? .null)
        #expect(all[2]["usage"]?["input_tokens"] == .integer(7) && all[2]["usage"]?["output_tokens"] == .integer(3))
    }

    @Test("end with an error that names the request")
    func errors() throws {
        let all = try events { encoder, buffer in
            encoder.write(.content("a"), into: &buffer)
            encoder.write(PoolError(.interrupted, "it \"broke\""), into: &buffer)
        }
        let last = try #require(all.last)
        #expect(last["type"] == .string("error") && last["request_id"] == .string("req_1"))
        #expect(last["error"]?["type"] == .string("api_error") && last["error"]?["message"] == .string("it \"broke\""))
    }

    @Test("of calls that answer each other's pieces keep them apart")
    func interleaved() throws {
        let all = try events { encoder, buffer in
            for index in [0, 1, 0] {
                encoder.write(.toolCall(ToolCallDelta(index: index, arguments: "1")), into: &buffer)
            }
        }
        let deltas = all.filter { $0["type"] == .string("content_block_delta") }
        #expect(deltas.compactMap { $0["index"] } == [.integer(0), .integer(1), .integer(0)])
    }
}
