import Foundation
import Hummingbird
import SaraiCore
import SaraiTestSupport
import Testing

@testable import SaraiBackends

/// Two-, three- and four-byte characters, quotes and a line break: what a badly cut stream would break.
private let text = "¡Hola, \"señor\"!\n日本 🐈‍⬛"

private let ollamaStream =
    "{\"message\":{\"content\":\"¡Hola, \\\"señor\\\"!\"},\"done\":false}\n"
    + "{\"message\":{\"content\":\"\\n日本 🐈‍⬛\"},\"done\":false}\n"
    + "{\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"length\",\"prompt_eval_count\":5,\"eval_count\":2,"
    + "\"prompt_eval_duration\":7,\"eval_duration\":9}\n"

private let openAIStream =
    ": a comment\n\nevent: x\ndata: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n"
    + "data: {\"choices\":[{\"delta\":{\"content\":\"¡Hola, \\\"señor\\\"!\"}}]}\r\n\r\n"
    + "data:{\"choices\":[{\"delta\":{\"content\":\"\\n日本 🐈‍⬛\"}}]}\n\n"
    + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n"
    + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n"

@Suite struct StreamingTests {
    private static func stream(_ kind: BackendHarness.Kind) -> String {
        kind == .ollama ? ollamaStream : openAIStream
    }

    private static func expectWhole(_ outcome: BackendHarness.Outcome, _ comment: Comment? = nil) {
        #expect(outcome.error == nil, comment)
        #expect(outcome.text == text, comment)
        guard case .finished(let completion) = outcome.events.last else {
            Issue.record("the last event is not the end")
            return
        }
        #expect(completion.reason == .length && completion.usage.promptTokens == 5, comment)
        #expect(completion.usage.completionTokens == 2, comment)
        #expect(outcome.events.count == 3, comment)
    }

    @Test(arguments: BackendHarness.Kind.allCases)
    func eventsDoNotDependOnHowBytesAreCut(kind: BackendHarness.Kind) async throws {
        let bytes = Array(Self.stream(kind).utf8)
        for size in [1, 2, 3, 7, 64, bytes.count] {
            let outcome = try await BackendHarness.generate(kind) { _ in
                Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        for start in stride(from: 0, to: bytes.count, by: size) {
                            try await writer.write(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
                        }
                        try await writer.finish(nil)
                    })
            }
            Self.expectWhole(outcome, "pieces of \(size) bytes")
        }
    }

    @Test(arguments: BackendHarness.Kind.allCases)
    func garbageIsAMalformedAnswer(kind: BackendHarness.Kind) async throws {
        let outcome = try await BackendHarness.generate(kind) { _ in
            StubUpstream.stream(["data: <html>\n\n<html>\n"], contentType: "text/html")
        }
        #expect(outcome.error?.code == .malformedAnswer)
        #expect(outcome.events.isEmpty)
    }

    @Test(arguments: BackendHarness.Kind.allCases)
    func anErrorInTheStreamIsReportedWithItsMessage(kind: BackendHarness.Kind) async throws {
        let line = kind == .ollama ? "{\"error\":\"too hot\"}\n" : "data: {\"error\":{\"message\":\"too hot\"}}\n\n"
        let outcome = try await BackendHarness.generate(kind) { _ in
            StubUpstream.stream([line], contentType: "text/plain")
        }
        #expect(outcome.error == BackendError(.serverError(500), "too hot"))
    }

    @Test(arguments: ["abort", "error"])
    func whatTheServerGaveUpIsBrokenOff(reason: String) async throws {
        let outcome = try await BackendHarness.generate(.openAI) { _ in
            StubUpstream.stream(
                [
                    "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"\(reason)\"}]}\n\n",
                    "data: [DONE]\n\n",
                ], contentType: "text/event-stream")
        }
        #expect(outcome.error?.code == .brokenOff && outcome.text == "a")
    }

    @Test func wholeToolCallsOfOllamaBecomePieces() async throws {
        let line =
            #"{"message":{"content":"","tool_calls":[{"function":{"name":"add","arguments":{"a":1}}}]},"done":true}"#
        let outcome = try await BackendHarness.generate(.ollama) { _ in
            StubUpstream.stream([line + "\n"], contentType: "application/x-ndjson")
        }
        let call = ToolCallDelta(index: 0, id: "call_0", name: "add", arguments: #"{"a":1}"#)
        #expect(outcome.events.first == .toolCall(call))
        #expect(outcome.events.last == .finished(Completion(reason: .toolCalls, usage: Usage())))
    }
}
