import SaraiCore
import Testing

@testable import SaraiServer

/// Every member of a request is honoured, or refused with words that name it.
@Suite struct OpenAIRequestTests {
    private static let messages = #""messages":[{"role":"user","content":"x"}]"#
    private static let tool = #"{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}"#

    private func chat(_ members: String) throws -> OpenAIGenerationRequest {
        try JSONCoding.decode(from: "{\"model\":\"m\",\(Self.messages)\(members)}")
    }

    private func completion(_ members: String) throws -> OpenAIGenerationRequest {
        try JSONCoding.decode(from: "{\"model\":\"m\",\(members)}")
    }

    private func response(_ members: String) throws -> ResponsesRequest {
        try JSONCoding.decode(from: "{\"model\":\"m\",\(members)}")
    }

    @Test func choices() throws {
        let request = try completion(#""prompt":["a","b"],"n":2,"seed":5,"echo":true"#)
        #expect(request.choices.map(\.request.prompt) == ["a", "a", "b", "b"].map { .completion($0) })
        #expect(request.choices.map(\.request.sampling.seed) == [5, 6, 5, 6])
        #expect(request.choices.map(\.sharesPrompt) == [false, true, false, true])
        #expect(request.choices.map(\.echo) == ["a", "a", "b", "b"])
        #expect(try completion(#""prompt":"a","suffix":"z""#).request.prompt == .infill(prefix: "a", suffix: "z"))
    }

    @Test(arguments: [
        (#","logprobs":true"#, 0), (#","logprobs":true,"top_logprobs":3"#, 3), (#","logprobs":false"#, nil),
        (#","top_logprobs":0"#, nil), ("", nil),
    ])
    func logprobs(members: String, expected: Int?) throws {
        #expect(try chat(members).request.topLogprobs == expected)
    }

    @Test(arguments: [
        (#""auto""#, ToolChoice.auto), (#""none""#, ToolChoice.never), (#""required""#, .required),
        (#"{"type":"function","function":{"name":"f"}}"#, .function("f")),
    ])
    func toolChoice(json: String, expected: ToolChoice) throws {
        let request = try chat(#","tools":[\#(Self.tool)],"tool_choice":\#(json),"parallel_tool_calls":false"#).request
        #expect(request.toolChoice == expected && request.parallelToolCalls == false)
    }

    @Test func whatTokensAreMadeOf() throws {
        let sampling = try chat(#","logit_bias":{"7":-100,"8":1.5},"stop":["","x"],"max_completion_tokens":3"#).request
            .sampling
        #expect(sampling.logitBias == [7: -100, 8: 1.5] && sampling.stop == ["x"] && sampling.maxTokens == 3)
        #expect(try chat(#","reasoning_effort":"low""#).request.reasoningEffort == .low)
    }

    @Test(arguments: [
        #","n":0"#, #","n":9"#, #","top_logprobs":2"#, #","logprobs":true,"top_logprobs":21"#, #","suffix":"x""#,
        #","echo":true"#,
        #","best_of":2"#, #","stream":true,"stream_options":{"chunks":1}"#,
        #","store":true"#, #","modalities":["text","audio"]"#, #","verbosity":"low""#,
        #","stream_options":{"include_usage":true}"#, #","logit_bias":{"a":1}"#, #","logit_bias":{"1":101}"#,
        #","logit_bias":{"-1":1}"#, #","reasoning_effort":"huge""#, #","functions":[]"#, #","tool_choice":"required""#,
        #","tool_choice":"sometimes""#, #","audio":{}"#, #","web_search_options":{}"#,
        #","tools":[{"type":"web_search"}]"#,
        #","tools":[\#(tool),\#(tool)]"#,
        #","tools":[\#(tool)],"tool_choice":{"type":"function","function":{"name":"g"}}"#,
        #","tools":[\#(tool)],"tool_choice":{"type":"allowed_tools"}"#,
        #","tools":[{"type":"function","function":{"name":"f","parameters":7}}]"#,
    ])
    func whatCannotBeDoneInAChatIsRefused(members: String) throws {
        let name = try #require(members.dropFirst(2).split(separator: "\"").first)
        do {
            _ = try chat(members)
            Issue.record("no error")
        } catch let error as PoolError {
            let names = members.contains("tool_choice") ? ["tool_choice"] : [String(name)]
            #expect(names.contains { error.message.contains($0) }, "\(error.message)")
        }
    }

    @Test(arguments: [
        #""prompt":[[1,2]]"#, #""prompt":[1,2]"#, #""prompt":[]"#, #""prompt":["a","b","c"],"n":3"#,
        #""prompt":"a","echo":true,"logprobs":1"#, #""prompt":"a","tools":[]"#, #""prompt":"a","best_of":3,"n":2"#,
        #""prompt":"a","logprobs":true"#, #""prompt":"a","reasoning_effort":"low""#,
    ])
    func whatCannotBeDoneInACompletionIsRefused(members: String) {
        #expect(throws: (any Error).self) { try completion(members) }
    }

    // MARK: Members of members

    private func chat(with messages: String) throws -> [Message] {
        let body = "{\"model\":\"m\",\"messages\":[\(messages)]}"
        let request: OpenAIGenerationRequest = try JSONCoding.decode(from: body)
        guard case .chat(let messages) = request.request.prompt else {
            return []
        }
        return messages
    }

    /// As the clients of OpenAI, LangChain and LiteLLM send back what they were answered.
    @Test func whatIsEchoedIsTaken() throws {
        let messages = try chat(
            with: #"""
                {"role":"user","content":[{"type":"text","text":"x","annotations":[],"cache_control":{"type":"ephemeral"}}]},
                {"role":"assistant","content":"y","refusal":null,"annotations":[],"audio":null,"function_call":null,
                 "tool_calls":null,"parsed":{"a":1},"reasoning_content":"hm","provider_specific_fields":{"refusal":null}},
                {"role":"assistant","content":null,"refusal":"","tool_calls":[{"index":0,"id":"c","type":"function",
                 "function":{"name":"f","arguments":"{}","parsed_arguments":{}},"custom":null}]},
                {"role":"tool","tool_call_id":"c","content":"z","name":"f"}
                """#)
        #expect(messages.map(\.role) == [.user, .assistant, .assistant, .tool])
        #expect(messages.map(\.thinking) == [nil, "hm", nil, nil])
        #expect(messages[2].toolCalls == [ToolCall(id: "c", name: "f", arguments: "{}")])
        #expect(try chat(with: #"{"role":"assistant","content":"","reasoning":"hm"}"#)[0].thinking == "hm")
        let padded = try chat(#","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}"#)
        #expect(padded.includesUsage)
    }

    private static let png = "iVBORw0KGgoAAAAA"

    @Test func filesMayBeDescribed() throws {
        let url = "data:image/png;base64,\(Self.png)"
        for part in [
            #"{"type":"image_url","image_url":{"url":"URL","detail":"high","format":"image/png"}}"#,
            #"{"type":"input_image","image_url":"URL","detail":"low","file_id":null}"#,
        ] {
            let part = part.replacing("URL", with: url)
            #expect(try chat(with: "{\"role\":\"user\",\"content\":[\(part)]}")[0].media.count == 1)
        }
    }

    @Test(arguments: [
        (
            #"{"role":"assistant","content":"x","function_call":{"name":"f","arguments":"{}"}}"#,
            "messages.function_call"
        ),
        (#"{"role":"assistant","content":null,"audio":{"id":"a"}}"#, "messages.audio"),
        (#"{"role":"assistant","content":null,"refusal":"No."}"#, "messages.refusal"),
        (#"{"role":"user","content":"x","contnet":"y"}"#, "Did you mean 'content'?"),
        (#"{"role":"user","content":[{"type":"text","text":"x","image_url":{"url":"y"}}]}"#, "content.image_url"),
        (
            #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,x","crop":1}}]}"#,
            "content.image_url.crop"
        ),
        (
            #"{"role":"assistant","tool_calls":[{"id":"c","custom":{"name":"f"},"function":{"name":"f"}}]}"#,
            "messages.tool_calls.custom"
        ),
        (
            #"{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","strict":1}}]}"#,
            "messages.tool_calls.function.strict"
        ),
    ])
    func whatWouldBeLeftOutOfAMessageIsRefused(message: String, words: String) {
        do {
            _ = try chat(with: message)
            Issue.record("no error")
        } catch {
            #expect("\(error)".contains(words), "\(error)")
        }
    }

    @Test func formatsMayBeDescribed() throws {
        let schema = #"{"name":"n","description":"d","strict":true,"schema":{"type":"object"}}"#
        let chat = try chat(#","response_format":{"type":"json_schema","json_schema":\#(schema)}"#).request
        #expect(chat.format == .schema(.object(["type": .string("object")])))
        let flat = try response(#""input":"x","text":{"format":{"type":"json_schema",\#(schema.dropFirst())}"#).request
        #expect(flat.format == chat.format)
    }

    @Test(arguments: [
        #"{"type":"json_object","schema":{"type":"object"}}"#, #"{"type":"text","grammar":"x"}"#,
        #"{"type":"json_schema","json_schema":{"schema":{},"regex":"x"}}"#,
    ])
    func whatWouldBeLeftOutOfAFormatIsRefused(format: String) {
        #expect(throws: PoolError.self) { try chat(#","response_format":\#(format)"#) }
        #expect(throws: PoolError.self) { try completion(#""prompt":"x","response_format":\#(format)"#) }
    }

    @Test func aPenaltyMayHaveVLLMsName() throws {
        #expect(try chat(#","repetition_penalty":1.5"#).request.sampling.repeatPenalty == 1.5)
    }

    // MARK: Responses

    @Test func conversation() throws {
        let request = try response(
            #"""
            "instructions":"Be brief.","input":[
                {"role":"user","content":[{"type":"input_text","text":"Weather?"}]},
                {"type":"reasoning","id":"rs_1","summary":[]},
                {"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{}"},
                {"type":"function_call","call_id":"c2","name":"f","arguments":"{\"a\":1}"},
                {"type":"function_call_output","call_id":"c1","output":"sunny"},
                {"type":"message","role":"assistant","content":[{"type":"output_text","text":"Sun.","annotations":[]}]},
                {"role":"user","content":"Thanks."}
            ]
            """#
        ).request
        #expect(
            request.prompt
                == .chat([
                    Message(role: .system, text: "Be brief."), Message(role: .user, text: "Weather?"),
                    Message(
                        role: .assistant, content: [],
                        toolCalls: [
                            ToolCall(id: "c1", name: "f", arguments: "{}"),
                            ToolCall(id: "c2", name: "f", arguments: "{\"a\":1}"),
                        ]),
                    Message(role: .tool, content: [.text("sunny")], toolCallID: "c1"),
                    Message(role: .assistant, text: "Sun."), Message(role: .user, text: "Thanks."),
                ]))
    }

    @Test func settingsOfAResponse() throws {
        let request = try response(
            #"""
            "input":"x","max_output_tokens":9,"reasoning":{"effort":"high"},"top_logprobs":2,"parallel_tool_calls":false,
            "tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":true}],
            "tool_choice":{"type":"function","name":"f"},
            "text":{"format":{"type":"json_schema","name":"n","schema":{"z":1,"a":2}}}
            """#)
        #expect(request.request.sampling.maxTokens == 9 && request.request.reasoningEffort == .high)
        #expect(request.request.toolChoice == .function("f") && request.request.parallelToolCalls == false)
        #expect(request.request.tools.first?["function"]?["name"] == .string("f"))
        #expect(request.request.topLogprobs == 2)
        guard case .schema(let schema)? = request.request.format else {
            Issue.record("no schema")
            return
        }
        #expect(JSONCoding.text(schema) == #"{"z":1,"a":2}"#)
        #expect(request.echo["max_output_tokens"] == .integer(9) && request.echo["top_p"] == .null)
    }

    @Test(arguments: [
        #""input":[]"#, #""input":7"#, #""input":"x","previous_response_id":"resp_1""#, #""input":"x","store":true"#,
        #""input":"x","background":true"#, #""input":"x","conversation":"c""#, #""input":"x","truncation":"auto""#,
        #""input":"x","tools":[{"type":"web_search"}]"#, #""input":"x","include":["file_search_call.results"]"#,
        #""input":[{"type":"item_reference","id":"i"}]"#, #""input":"x","temprature":1"#, #""input":"x","messages":[]"#,
        #""input":[{"role":"user","content":[{"type":"input_file","file_id":"f"}]}]"#,
        #""input":"x","prompt":{"id":"p"}"#, #""input":"x","text":{"style":"x"}"#,
        #""input":"x","reasoning":{"budget":1}"#, #""input":[{"role":"user","content":"x","audio":{"id":"a"}}]"#,
    ])
    func whatCannotBeDoneInAResponseIsRefused(members: String) {
        #expect(throws: (any Error).self) { try response(members) }
    }
}
