import NIOCore
import SaraiCore
import Testing

@testable import SaraiPool
@testable import SaraiServer

/// Ollama's requests and answers, member by member.
@Suite struct OllamaRequestTests {
    private func chat(_ members: String) throws -> OllamaGenerationRequest {
        try JSONCoding.decode(OllamaChatRequest.self, from: "{\"model\":\"m\",\(members)}").content
    }

    private func generate(_ members: String) throws -> OllamaGenerationRequest {
        try JSONCoding.decode(OllamaGenerateRequest.self, from: "{\"model\":\"m\",\(members)}").content
    }

    private static let tools = #""tools":[{"type":"function","function":{"name":"f"}}]"#

    @Test func toolsAreForChats() throws {
        let chat = try chat(#""messages":[{"role":"user","content":"x"}],\#(Self.tools)"#)
        #expect(chat.request?.tools.count == 1 && chat.ignored.names.isEmpty)
        let generate = try generate(#""prompt":"x",\#(Self.tools)"#)
        #expect(generate.request?.tools.isEmpty == true && generate.ignored.names == ["tools"])
    }

    @Test func thoughtsOfEarlierAnswers() throws {
        let earlier = #"{"role":"assistant","content":"a","thinking":"hm"}"#
        let request = try chat(#""messages":[\#(earlier),{"role":"user","content":"x","thinking":""}]"#).request
        #expect(
            request?.prompt
                == .chat([
                    Message(role: .assistant, content: [.text("a")], thinking: "hm"), Message(role: .user, text: "x"),
                ]))
    }

    @Test func whatAsksForNothingIsNoObstacle() throws {
        let gap = try generate(#""prompt":"a","suffix":"z","system":"","images":null,"context":[],"template":"""#)
        #expect(gap.request?.prompt == .infill(prefix: "a", suffix: "z"))
        #expect(try generate(#""prompt":"a","raw":true,"think":false"#).request?.prompt == .completion("a"))
    }

    @Test(arguments: [
        #""prompt":"a","suffix":"z","system":"s""#, #""prompt":"a","suffix":"z","think":true"#,
        #""prompt":"a","raw":true,"think":"high""#, #""prompt":"a","raw":true,"system":"s""#,
        #""prompt":"a","template":"t""#, #""prompt":"a","context":[1,2,3]"#, #""prompt":"a","context":[1,-2]"#,
        #""prompt":"a","context":"x""#,
    ])
    func whatCannotBeHonouredIsRefused(members: String) {
        #expect(throws: (any Error).self) { try generate(members) }
    }

    @Test(arguments: [
        #""tools":7"#, #""tools":[{"type":"function"}]"#, #""format":7"#, #""logprobs":true,"top_logprobs":-1"#,
        #""think":"much""#,
    ])
    func aLoadIsReadAsStrictlyAsAQuestion(members: String) throws {
        #expect(try chat(#""messages":[]"#).request == nil)
        #expect(throws: (any Error).self) { try chat(#""messages":[],\#(members)"#) }
    }

    @Test func namesInTheLogAreFewAndShort() throws {
        let members = (0..<40).map { "\"\($0)\(String(repeating: "x", count: 500))\":1" }.joined(separator: ",")
        let ignored = try generate("\"prompt\":\"a\",\(members)").ignored
        #expect(ignored.names.count == 40 && ignored.summary.utf8.count < 700)
        #expect(ignored.summary.hasSuffix(" and 32 more"))
        let embedding: OllamaEmbeddingRequest = try JSONCoding.decode(
            from: #"{"model":"m","input":"x","options":{"num_ctx":1},"truncat":true}"#)
        #expect(embedding.ignored.names == ["num_ctx", "truncat"])
    }

    // MARK: The conversation as numbers

    private func conversation(_ request: OllamaGenerationRequest, answeredBy answer: String) throws -> [Int] {
        let asked = try #require(request.request)
        return try #require(OllamaContext(of: asked)?.numbers(answeredBy: answer))
    }

    @Test func aConversationGoesOn() throws {
        let first = try generate(#""prompt":"¿Sí?","system":"Be brief.""#)
        let context = try conversation(first, answeredBy: "No. 🐈")
        let second = try generate("\"prompt\":\"Why?\",\"context\":\(context)")
        let messages = [
            Message(role: .system, text: "Be brief."), Message(role: .user, text: "¿Sí?"),
            Message(role: .assistant, text: "No. 🐈"), Message(role: .user, text: "Why?"),
        ]
        #expect(second.request?.prompt == .chat(messages))
        let other = try generate("\"prompt\":\"Why?\",\"system\":\"Be kind.\",\"context\":\(context)")
        #expect(other.request?.prompt == .chat([Message(role: .system, text: "Be kind.")] + messages.dropFirst()))
        let third = try conversation(second, answeredBy: "So.")
        #expect(try OllamaContext(numbers: third).messages(system: "").count == 5)
        for name in [#""raw":true"#, #""suffix":"z""#] {
            #expect(throws: PoolError.self) { try generate("\"prompt\":\"x\",\(name),\"context\":\(context)") }
        }
    }

    @Test func onlyWhatWasGivenOutIsTakenBack() throws {
        let context = try conversation(try generate(#""prompt":"x""#), answeredBy: "y")
        for numbers in [[1], Array(context.dropLast()), Array(context.dropFirst()), context + [300], [-1] + context] {
            #expect(throws: PoolError.self) { try OllamaContext(numbers: numbers) }
        }
    }

    @Test func aConversationThatIsTooLongIsNotGivenOut() throws {
        let request = try #require(try generate(#""prompt":"x""#).request)
        #expect(OllamaContext(of: request)?.numbers(answeredBy: String(repeating: "x", count: 300_000)) == nil)
        #expect(OllamaContext(of: GenerationRequest(prompt: .completion("x"))) == nil)
    }

    // MARK: Answers

    private func answer(_ arguments: [String], _ reason: Completion.Reason) -> CollectedAnswer {
        var answer = CollectedAnswer()
        for (index, text) in arguments.enumerated() {
            answer.add(.toolCall(ToolCallDelta(index: index, id: "c", name: "f", arguments: text)))
        }
        answer.add(.finished(Completion(reason: reason, usage: Usage())))
        return answer
    }

    @Test(arguments: [
        ([#"{"a":1}"#, "{}"], Completion.Reason.toolCalls, 2, "stop"), ([""], .toolCalls, 1, "stop"),
        ([#"{"a":1}"#, #"{"a":"#], .length, 1, "length"), ([""], .length, 0, "length"),
        (["7"], .toolCalls, 0, "length"),
    ])
    func callsAreWholeOrNotThere(arguments: [String], reason: Completion.Reason, whole: Int, word: String) throws {
        let answer = answer(arguments, reason)
        #expect(answer.wholeCalls.count == whole)
        let route = Route(target: try target(), reason: "", run: 0)
        #expect(OllamaMetrics(answer, route: route, total: .zero).doneReason == word)
        let told = try JSONCoding.value(
            of: AnthropicAnswer(id: "1", model: try #require(ModelName("m")), answer: answer))
        guard case .array(let blocks)? = told["content"] else {
            Issue.record("no content")
            return
        }
        #expect(blocks.count == whole)
        #expect(told["stop_reason"] == .string(word == "length" ? "max_tokens" : "tool_use"))
    }

    @Test(arguments: [(#"{"a":1}"#, 2), (#"{"a":"#, 1)])
    func streamsHaveWholeCallsToo(arguments: String, lines: Int) throws {
        var encoder = OllamaStreamEncoder(
            kind: .chat, model: "m", started: .now, route: Route(target: try target(), reason: "", run: 0))
        var buffer = ByteBuffer()
        encoder.write(.toolCall(ToolCallDelta(index: 0, id: "c", name: "f", arguments: arguments)), into: &buffer)
        encoder.write(.finished(Completion(reason: .length, usage: Usage())), into: &buffer)
        #expect(String(buffer: buffer).split(separator: "\n").count == lines)
    }

    @Test func aStreamEndsWithTheConversation() throws {
        let request = try #require(try generate(#""prompt":"x""#).request)
        var encoder = OllamaStreamEncoder(
            kind: .generate, model: "m", started: .now, route: Route(target: try target(), reason: "", run: 0),
            context: OllamaContext(of: request))
        var buffer = ByteBuffer()
        encoder.write(.content("a"), into: &buffer)
        encoder.write(.content("b"), into: &buffer)
        encoder.write(.finished(Completion(reason: .stop, usage: Usage())), into: &buffer)
        let lines = try String(buffer: buffer).split(separator: "\n").map {
            try JSONCoding.decode(JSONValue.self, from: String($0))
        }
        #expect(lines.dropLast().allSatisfy { $0["context"] == nil })
        let numbers: [Int] = try JSONCoding.decode(from: try #require(lines.last?["context"]))
        #expect(
            try OllamaContext(numbers: numbers).messages(system: "")
                == [Message(role: .user, text: "x"), Message(role: .assistant, text: "ab")])
    }

    private func target() throws -> TargetID {
        TargetID(model: try #require(ModelName("m")), kind: .gguf)
    }
}
