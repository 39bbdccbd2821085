import Foundation
import SaraiCore
import Testing

@testable import SaraiServer

@Suite("Requests in Anthropic's dialect")
struct AnthropicRequestTests {
    private static let png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
    private static let weather =
        #"{"name":"weather","description":"Tells it.","input_schema":{"type":"object","properties":{}}}"#

    /// The request of a body with these members besides the model and the limit.
    private func decode(_ members: String) throws -> GenerationRequest {
        let body = #"{"model":"m","max_tokens":5,\#(members)}"#
        return try JSONDecoder().decode(AnthropicRequest.self, from: Data(body.utf8)).request
    }

    private func messages(_ request: GenerationRequest) throws -> [Message] {
        guard case .chat(let messages) = request.prompt else {
            throw PoolError(.invalidRequest, "not a conversation")
        }
        return messages
    }

    @Test("read texts and blocks alike")
    func texts() throws {
        let plain = try decode(#""system":"Be brief.","messages":[{"role":"user","content":"Hi"}]"#)
        let blocks = try decode(
            #""system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],"#
                + #""messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]"#)
        #expect(plain == blocks)
        #expect(
            try messages(plain) == [Message(role: .system, text: "Be brief."), Message(role: .user, text: "Hi")])
        #expect(plain.sampling.maxTokens == 5)
    }

    @Test("join turns of one side, and continue what the assistant began")
    func turns() throws {
        let request = try decode(
            #""messages":[{"role":"user","content":"A"},{"role":"user","content":"B"},{"role":"assistant","content":"Well"}]"#
        )
        #expect(try messages(request).map(\.text) == ["A\n\nB"])
        #expect(request.continuation == "Well")
    }

    @Test("take images that are sent along, and no others")
    func images() throws {
        func content(_ source: String) throws -> [Message] {
            try messages(
                decode(
                    #""messages":[{"role":"user","content":[{"type":"image","source":\#(source)},{"type":"text","text":"?"}]}]"#
                ))
        }
        let message = try #require(
            try content(#"{"type":"base64","media_type":"image/png","data":"\#(Self.png)"}"#).first)
        #expect(message.media.map(\.format) == [.png] && message.text == "?")
        for source in [
            #"{"type":"url","url":"https://example.org/x.png"}"#, #"{"type":"file","file_id":"x"}"#,
            #"{"type":"base64","media_type":"image/png","data":"aGVsbG8gdGhlcmUsIHdvcmxk"}"#,
        ] {
            #expect(throws: PoolError.self) { try content(source) }
        }
    }

    @Test("carry calls and their results")
    func tools() throws {
        let request = try decode(
            #"""
            "tools":[\#(Self.weather)],
            "messages":[
                {"role":"user","content":"Is it raining?"},
                {"role":"assistant","content":[
                    {"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"I look."},
                    {"type":"tool_use","id":"t1","name":"weather","input":{"city":"Soria"}}]},
                {"role":"user","content":[
                    {"type":"tool_result","tool_use_id":"t1","is_error":true,"content":[{"type":"text","text":"no net"}]},
                    {"type":"text","text":"Well?"}]}]
            """#)
        let messages = try messages(request)
        #expect(messages.map(\.role) == [.user, .assistant, .tool, .user])
        #expect(messages[1].text == "I look.")
        #expect(messages[1].toolCalls == [ToolCall(id: "t1", name: "weather", arguments: #"{"city":"Soria"}"#)])
        #expect(messages[2].toolCallID == "t1" && messages[2].toolName == "weather")
        #expect(messages[2].text == "Error: no net" && messages[3].text == "Well?")
        let function = try #require(request.tools.first?["function"])
        #expect(function["name"] == .string("weather") && function["parameters"]?["type"] == .string("object"))
    }

    @Test("ask for an answer that fits a schema, and for thoughts")
    func formats() throws {
        let hello = #""messages":[{"role":"user","content":"Hi"}]"#
        let schema = #""output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object"}}}"#
        #expect(try decode(hello + "," + schema).format == .schema(.object(["type": .string("object")])))
        #expect(try decode(hello + #","thinking":{"type":"enabled","budget_tokens":1024}"#).thinking == true)
        #expect(try decode(hello + #","thinking":{"type":"disabled"}"#).thinking == false)
        #expect(try decode(hello + #","thinking":{"type":"adaptive"}"#).thinking == nil)
    }

    @Test(
        "are refused where something would be ignored",
        arguments: [
            (#""messages":[]"#, "messages"),
            (#""messages":[{"role":"user","content":"x"}],"stop":["x"]"#, "stop_sequences"),
            (
                #""messages":[{"role":"user","content":"x"}],"tools":[{"type":"web_search_20250305","name":"s"}]"#,
                "web_search"
            ),
            (
                #""messages":[{"role":"user","content":"x"}],"tools":[\#(weather)],"tool_choice":{"type":"tool","name":"wether"}"#,
                "Did you mean 'weather'?"
            ),
            (#""messages":[{"role":"user","content":"x"}],"tool_choice":{"type":"any"}"#, "tool_choice"),
            (#""messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t9"}]}]"#, "t9"),
            (#""messages":[{"role":"user","content":[{"type":"document","source":{}}]}]"#, "document"),
            (#""messages":[{"role":"assistant","content":[{"type":"tool_result","tool_use_id":"t"}]}]"#, "tool_result"),
            (#""messages":[{"role":"wizard","content":"x"}]"#, "wizard"),
            (
                #""messages":[{"role":"user","content":"x"}],"thinking":{"type":"enabled","display":"omitted"}"#,
                "display"
            ),
            (
                #""messages":[{"role":"user","content":"x"}],"system":[{"type":"tool_use","id":"a","name":"b","input":{}}]"#,
                "system"
            ),
        ])
    func refusals(members: String, words: String) {
        let error = #expect(throws: PoolError.self) { try decode(members) }
        #expect(error?.message.contains(words) == true)
    }
}
