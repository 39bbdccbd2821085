import Foundation
import NIOCore
import SaraiCore
import Testing

@testable import SaraiServer

/// Streams as clients get them, taken apart.
@Suite struct StreamTests {
    private static let logprobs = [
        TokenLogprobs(
            chosen: TokenLogprob(text: "é\"", bytes: [195, 169, 34], logprob: -0.5),
            top: [TokenLogprob(text: "e", bytes: nil, logprob: -1)])
    ]
    private static let events: [GenerationEvent] = [
        .thinking("hm\n"), .logprobs(logprobs), .content("é\""),
        .toolCall(ToolCallDelta(index: 0, id: "c", name: "f", arguments: "{\"x\":")),
        .toolCall(ToolCallDelta(index: 0, arguments: "1}")),
        .finished(Completion(reason: .toolCalls, usage: usage(prompt: 7, completion: 3))),
    ]

    private static func usage(prompt: Int, completion: Int) -> Usage {
        var usage = Usage()
        usage.promptTokens = prompt
        usage.completionTokens = completion
        return usage
    }

    private func request(_ members: String) throws -> OpenAIGenerationRequest {
        try JSONCoding.decode(from: "{\"model\":\"m\",\(members)}")
    }

    /// What an encoder writes of events, each with the number of its answer.
    private func written(
        _ encoder: some ChoiceStreamEncoder, _ events: [(Int, GenerationEvent)], error: PoolError? = nil
    ) -> String {
        var encoder = encoder
        var buffer = ByteBuffer()
        encoder.start(into: &buffer)
        events.forEach { encoder.write($0.1, of: $0.0, into: &buffer) }
        if let error {
            encoder.write(error, into: &buffer)
        }
        return String(buffer: buffer)
    }

    /// The documents of server-sent events; an end marker is the text `[DONE]`.
    private func documents(_ stream: String) throws -> [JSONValue] {
        try stream.components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { event in
            let data = try #require(event.split(separator: "\n").last)
            #expect(data.hasPrefix("data: "))
            let text = String(data.dropFirst(6))
            return text == "[DONE]" ? .string(text) : try JSONCoding.decode(from: text)
        }
    }

    private func choice(_ event: JSONValue) -> JSONValue? {
        guard case .array(let choices)? = event["choices"] else {
            return nil
        }
        return choices.first
    }

    @Test(arguments: [
        (OpenAIStreamEncoder.Kind.chat, #""messages":[{"role":"user","content":"x"}]"#),
        (.completion, #""prompt":"x""#),
    ])
    func everyEventIsValidJSON(kind: OpenAIStreamEncoder.Kind, members: String) throws {
        let request = try request(members + #","stream":true,"stream_options":{"include_usage":true}"#)
        let encoder = OpenAIStreamEncoder(kind: kind, id: "i", created: 1, request: request)
        let stream = written(encoder, Self.events.map { (0, $0) }, error: PoolError(.interrupted, "it \"broke\""))
        let events = try documents(stream)
        #expect(events.contains(.string("[DONE]")))
        #expect(events.filter { $0["usage"]?["total_tokens"] == .integer(10) }.count == 1)
        #expect(events.last?["error"]?["message"] == .string("it \"broke\""))
        let told = events.lazy.compactMap { choice($0)?["logprobs"] }.first
        #expect(told == (kind == .chat ? Self.chatLogprobs : Self.completionLogprobs))
    }

    private static let chatLogprobs = JSONValue.object([
        "content": .array([
            .object([
                "token": .string("é\""), "logprob": .number(-0.5),
                "bytes": .array([.integer(195), .integer(169), .integer(34)]),
                "top_logprobs": .array([
                    .object(["token": .string("e"), "logprob": .integer(-1), "bytes": .array([.integer(101)])])
                ]),
            ])
        ])
    ])
    private static let completionLogprobs = JSONValue.object([
        "tokens": .array([.string("é\"")]), "token_logprobs": .array([.number(-0.5)]),
        "top_logprobs": .array([.object(["e": .integer(-1)])]), "text_offset": .array([.integer(0)]),
    ])

    @Test func severalAnswersShareOneStream() throws {
        let request = try request(#""prompt":["ab","c"],"n":2,"echo":true,"stream":true"#)
        let encoder = OpenAIStreamEncoder(kind: .completion, id: "i", created: 1, request: request)
        let end = GenerationEvent.finished(Completion(reason: .length, usage: Self.usage(prompt: 5, completion: 1)))
        let events = try documents(
            written(encoder, [(3, .content("3")), (0, .content("0")), (3, end), (1, end), (0, end), (2, end)]))
        let texts = events.dropLast().map { event in
            guard let choice = choice(event), case .integer(let index)? = choice["index"] else {
                return "no choice"
            }
            return "\(index):\(choice["text"]?.stringValue ?? "")"
        }
        #expect(texts == ["0:ab", "1:ab", "2:c", "3:c", "3:3", "0:0", "3:", "1:", "0:", "2:"])
        #expect(events.last == .string("[DONE]"), "the stream ends with the last answer")
    }

    @Test func probabilitiesThatNoTextFollowsComeAtTheEnd() throws {
        let request = try request(#""prompt":"x","logprobs":1,"stream":true"#)
        let encoder = OpenAIStreamEncoder(kind: .completion, id: "i", created: 1, request: request)
        let end = GenerationEvent.finished(Completion(reason: .stop, usage: Usage()))
        let events = try documents(
            written(
                encoder, [(0, .logprobs(Self.logprobs)), (0, .content("é\"")), (0, .logprobs(Self.logprobs)), (0, end)])
        )
        #expect(events.count == 3)
        #expect(choice(events[1])?["logprobs"]?["text_offset"] == .array([.integer(2)]))
        #expect(choice(events[1])?["finish_reason"] == .string("stop"))
    }

    @Test func responses() throws {
        let request: ResponsesRequest = try JSONCoding.decode(from: #"{"model":"m","input":"x","temperature":0.5}"#)
        var encoder = ResponsesStreamEncoder(ResponseObject(id: "1", created: 1, request: request))
        var buffer = ByteBuffer()
        encoder.start(into: &buffer)
        Self.events.forEach { encoder.write($0, into: &buffer) }
        let events = try documents(String(buffer: buffer))
        let names = events.compactMap { $0["type"]?.stringValue }
        let texts = [
            "output_item.added", "content_part.added", "X.delta", "X.done", "content_part.done", "output_item.done",
        ]
        let calls = [
            "output_item.added", "function_call_arguments.delta", "function_call_arguments.delta",
            "function_call_arguments.done", "output_item.done",
        ]
        let expected =
            ["created", "in_progress"] + texts.map { $0.replacingOccurrences(of: "X", with: "reasoning_text") }
            + texts.map { $0.replacingOccurrences(of: "X", with: "output_text") } + calls + ["completed"]
        #expect(names == expected.map { "response." + $0 })
        #expect(events.map { $0["sequence_number"] } == events.indices.map { .integer($0) })
        let response = try #require(events.last?["response"])
        #expect(response["temperature"] == .number(0.5) && response["usage"]?["total_tokens"] == .integer(10))
        guard case .array(let output)? = response["output"] else {
            Issue.record("no output")
            return
        }
        #expect(output.map { $0["type"] } == ["reasoning", "message", "function_call"].map { .string($0) })
        #expect(output[2]["arguments"] == .string("{\"x\":1}") && output[2]["call_id"] == .string("c"))
    }

    @Test func aResponseThatBreaksOffFails() throws {
        let request: ResponsesRequest = try JSONCoding.decode(from: #"{"model":"m","input":"x"}"#)
        var encoder = ResponsesStreamEncoder(ResponseObject(id: "1", created: 1, request: request))
        var buffer = ByteBuffer()
        encoder.start(into: &buffer)
        encoder.write(.content("half"), into: &buffer)
        encoder.write(PoolError(.interrupted, "lost"), into: &buffer)
        let last = try #require(try documents(String(buffer: buffer)).last)
        #expect(last["type"] == .string("response.failed"))
        #expect(last["response"]?["error"]?["message"] == .string("lost"))
    }
}
