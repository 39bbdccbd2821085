import SaraiCore
import Testing

@testable import SaraiBackends

@Suite struct RequestBodyTests {
    private func request() throws -> GenerationRequest {
        let png = try #require(Media(file: [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10, 0, 0, 0, 0]))
        var sampling = Sampling()
        sampling.temperature = 0
        sampling.maxTokens = 5
        sampling.topK = 3
        sampling.stop = ["END"]
        return GenerationRequest(
            prompt: .chat([
                Message(role: .system, text: "Be brief."),
                Message(role: .user, content: [.text("What is it?"), .media(png)]),
                Message(
                    role: .assistant, content: [], toolCalls: [ToolCall(id: "c1", name: "look", arguments: #"{"a":1}"#)]
                ),
                Message(role: .tool, content: [.text("a cat")], toolCallID: "c1", toolName: "look"),
            ]),
            sampling: sampling, tools: [.object(["type": .string("function")])],
            format: .schema(.object(["type": .string("object")])), thinking: false)
    }

    private func encoded(_ body: some Encodable) throws -> JSONValue {
        try JSONCoding.decode(from: String(decoding: JSONCoding.encode(body), as: UTF8.self))
    }

    private func item(_ value: JSONValue?, _ index: Int) -> JSONValue? {
        guard case .array(let items) = value, items.indices.contains(index) else {
            return nil
        }
        return items[index]
    }

    @Test func openAI() throws {
        let body = try encoded(OpenAIRequestBody(model: "m", request: request(), allowsExtensions: true))
        #expect(body["stream"] == .bool(true) && body["stream_options"]?["include_usage"] == .bool(true))
        #expect(body["temperature"] == .integer(0) && body["max_tokens"] == .integer(5))
        #expect(body["top_k"] == .integer(3) && body["stop"] == .array([.string("END")]))
        #expect(item(body["messages"], 0)?["content"] == .string("Be brief."))
        let image = item(item(body["messages"], 1)?["content"], 1)
        #expect(image?["image_url"]?["url"] == .string("data:image/png;base64,iVBORw0KGgoAAAAA"))
        let call = item(item(body["messages"], 2)?["tool_calls"], 0)
        #expect(call?["function"]?["arguments"] == .string(#"{"a":1}"#))
        #expect(item(body["messages"], 3)?["tool_call_id"] == .string("c1"))
        #expect(body["response_format"]?["type"] == .string("json_schema"))
        #expect(body["chat_template_kwargs"]?["enable_thinking"] == .bool(false))
    }

    @Test func openAIWithoutExtensionsHasNone() throws {
        let body = try encoded(OpenAIRequestBody(model: "m", request: request(), allowsExtensions: false))
        #expect(body["top_k"] == nil && body["chat_template_kwargs"] == nil)
    }

    @Test func ollama() throws {
        let body = try encoded(OllamaRequestBody(model: "m", request: request()))
        #expect(body["options"]?["num_predict"] == .integer(5) && body["options"]?["top_k"] == .integer(3))
        #expect(item(item(body["messages"], 1)?["images"], 0) == .string("iVBORw0KGgoAAAAA"))
        let call = item(item(body["messages"], 2)?["tool_calls"], 0)
        #expect(call?["function"]?["arguments"]?["a"] == .integer(1))
        #expect(item(body["messages"], 3)?["tool_name"] == .string("look"))
        #expect(body["format"]?["type"] == .string("object") && body["think"] == .bool(false))
    }

    @Test func ollamaTakesRawTextAsItIs() throws {
        let body = try encoded(OllamaRequestBody(model: "m", request: .init(prompt: .completion("Once"))))
        #expect(body["prompt"] == .string("Once") && body["raw"] == .bool(true) && body["messages"] == nil)
    }

    @Test(
        "a server that loads models by itself is told how long to keep them",
        arguments: [
            (KeepAlive.forever, "-1"), (.limited(.zero), "0"), (.limited(.seconds(600)), "600"),
            (.limited(.milliseconds(1500)), "1.5"),
        ])
    func keepAlive(value: KeepAlive, written: String) throws {
        var request = GenerationRequest(prompt: .completion("Once"))
        request.keepAlive = value
        let load = OllamaLoadBody(model: "m", keepAlive: value, isEmbedding: false)
        for body in [try encoded(OllamaRequestBody(model: "m", request: request)), try encoded(load)] {
            #expect(try body["keep_alive"] == JSONCoding.decode(JSONValue.self, from: written))
        }
        #expect(try encoded(load)["prompt"] == nil && encoded(load)["stream"] == .bool(false))
        request.keepAlive = nil
        #expect(try encoded(OllamaRequestBody(model: "m", request: request))["keep_alive"] == nil)
    }

    // MARK: Order, choices and probabilities

    private static func function(_ name: String) -> JSONValue {
        .object(["type": .string("function"), "function": .object(["name": .string(name)])])
    }

    @Test func schemasAndToolsKeepTheirOrder() throws {
        let schema: JSONValue = try JSONCoding.decode(from: #"{"type":"object","properties":{"zeta":{},"alpha":{}}}"#)
        var request = GenerationRequest(prompt: .chat([Message(role: .user, text: "hi")]), format: .schema(schema))
        request.tools = [schema]
        for body in [
            try JSONCoding.encode(OpenAIRequestBody(model: "m", request: request, allowsExtensions: true)),
            try JSONCoding.encode(OllamaRequestBody(model: "m", request: request)),
        ] {
            let text = String(decoding: body, as: UTF8.self)
            #expect(text.ranges(of: #""properties":{"zeta":{},"alpha":{}}"#).count == 2)
        }
    }

    @Test(arguments: [
        (ToolChoice.auto, "auto", 2), (ToolChoice.never, "none", 2), (.required, "required", 2),
        (.function("b"), "required", 1),
    ])
    func toolChoice(choice: ToolChoice, word: String, offered: Int) throws {
        var request = GenerationRequest(prompt: .chat([Message(role: .user, text: "hi")]))
        request.tools = [Self.function("a"), Self.function("b")]
        request.toolChoice = choice
        request.parallelToolCalls = false
        let body = try encoded(OpenAIRequestBody(model: "m", request: request, allowsExtensions: true))
        #expect(body["tool_choice"] == .string(word) && body["parallel_tool_calls"] == .bool(false))
        #expect(item(body["tools"], offered - 1) != nil && item(body["tools"], offered) == nil)
        #expect(item(body["tools"], offered - 1)?["function"]?["name"] == .string("b"))
    }

    @Test func whatOllamaCannotSayIsUnsupported() throws {
        var request = GenerationRequest(prompt: .chat([Message(role: .user, text: "hi")]))
        request.tools = [Self.function("a")]
        request.toolChoice = ToolChoice.never
        #expect(try encoded(OllamaRequestBody(model: "m", request: request))["tools"] == nil)
        for change in [
            { $0.toolChoice = .required }, { $0.toolChoice = .function("a") }, { $0.parallelToolCalls = false },
            { $0.sampling.logitBias = [1: 2] }, { $0.reasoningEffort = .minimal },
        ] as [(inout GenerationRequest) -> Void] {
            var changed = request
            change(&changed)
            #expect(throws: BackendError.self) { try OllamaRequestBody(model: "m", request: changed) }
        }
    }

    @Test func probabilitiesAndEffort() throws {
        var request = GenerationRequest(prompt: .chat([Message(role: .user, text: "hi")]))
        request.topLogprobs = 0
        request.reasoningEffort = .high
        request.sampling.logitBias = [7: -100]
        let body = try encoded(OpenAIRequestBody(model: "m", request: request, allowsExtensions: true))
        #expect(body["logprobs"] == .bool(true) && body["top_logprobs"] == .integer(1))
        #expect(body["reasoning_effort"] == .string("high") && body["logit_bias"]?["7"] == .integer(-100))
        #expect(body["chat_template_kwargs"]?["enable_thinking"] == .bool(true))
        request.sampling.logitBias = [:]
        let ollama = try encoded(OllamaRequestBody(model: "m", request: request))
        #expect(ollama["logprobs"] == .bool(true) && ollama["think"] == .string("high"))
        request.prompt = .completion("x")
        let completion = try encoded(OpenAIRequestBody(model: "m", request: request, allowsExtensions: true))
        #expect(completion["logprobs"] == .integer(1))
    }

    @Test func gaps() throws {
        let request = GenerationRequest(prompt: .infill(prefix: "a", suffix: "z"))
        let openAI = try encoded(OpenAIRequestBody(model: "m", request: request, allowsExtensions: true))
        #expect(openAI["prompt"] == .string("a") && openAI["suffix"] == .string("z"))
        let ollama = try encoded(OllamaRequestBody(model: "m", request: request))
        #expect(ollama["prompt"] == .string("a") && ollama["suffix"] == .string("z") && ollama["raw"] == nil)
        var sampling = Sampling()
        sampling.maxTokens = 4
        let engine = try encoded(InfillRequestBody(prefix: "a", suffix: "z", sampling: sampling))
        #expect(engine["input_prefix"] == .string("a") && engine["input_suffix"] == .string("z"))
        #expect(engine["n_predict"] == .integer(4) && engine["stream"] == .bool(true))
        #expect(engine["json_schema"] == nil)
    }

    // MARK: What servers have other names for

    /// llama-server reads `response_format` in chats alone.
    @Test(arguments: [GenerationRequest.Prompt.completion("x"), .infill(prefix: "a", suffix: "z")])
    func aFormatOutsideOfChatsIsASchemaForTheEngine(prompt: GenerationRequest.Prompt) throws {
        let schema = JSONValue.object(["type": .string("integer")])
        let anything = JSONValue.object(["type": .string("object")])
        for (format, expected) in [(ResponseFormat.json, anything), (.schema(schema), schema)] {
            let request = GenerationRequest(prompt: prompt, format: format)
            let worker = try encoded(
                OpenAIRequestBody(model: "m", request: request, allowsExtensions: true, isForWorker: true))
            #expect(worker["json_schema"] == expected && worker["response_format"] == nil)
            let other = try encoded(OpenAIRequestBody(model: "m", request: request, allowsExtensions: true))
            #expect(other["json_schema"] == nil && other["response_format"] != nil)
            let gap = try encoded(
                InfillRequestBody(prefix: "a", suffix: "z", sampling: Sampling(), format: format))
            #expect(gap["json_schema"] == expected)
        }
        let chat = GenerationRequest(prompt: .chat([Message(role: .user, text: "hi")]), format: .json)
        let worker = try encoded(
            OpenAIRequestBody(model: "m", request: chat, allowsExtensions: true, isForWorker: true))
        #expect(worker["json_schema"] == nil && worker["response_format"]?["type"] == .string("json_object"))
    }

    @Test func theWholeContextIsANumberForTheEngine() {
        var sampling = Sampling()
        #expect(sampling.forEngine(contextLength: 512) == sampling)
        sampling.repeatLastN = -1
        #expect(sampling.forEngine(contextLength: 512).repeatLastN == 512)
        sampling.repeatLastN = 64
        #expect(sampling.forEngine(contextLength: 512).repeatLastN == 64)
    }

    @Test func theRepeatPenaltyHasTwoNames() throws {
        var request = GenerationRequest(prompt: .completion("x"))
        request.sampling.repeatPenalty = 1.5
        let body = try encoded(OpenAIRequestBody(model: "m", request: request, allowsExtensions: true))
        #expect(body["repeat_penalty"] == .number(1.5) && body["repetition_penalty"] == .number(1.5))
        let plain = try encoded(OpenAIRequestBody(model: "m", request: request, allowsExtensions: false))
        #expect(plain["repeat_penalty"] == nil && plain["repetition_penalty"] == nil)
    }

    @Test func thoughtsOfEarlierAnswersAreSent() throws {
        let request = GenerationRequest(
            prompt: .chat([
                Message(role: .user, text: "hi"),
                Message(role: .assistant, content: [.text("Hello.")], thinking: "A greeting."),
                Message(role: .user, text: "Again."),
            ]))
        let openAI = try encoded(OpenAIRequestBody(model: "m", request: request, allowsExtensions: true))
        #expect(item(openAI["messages"], 1)?["reasoning_content"] == .string("A greeting."))
        #expect(item(openAI["messages"], 0)?["reasoning_content"] == nil)
        let ollama = try encoded(OllamaRequestBody(model: "m", request: request))
        #expect(item(ollama["messages"], 1)?["thinking"] == .string("A greeting."))
        #expect(item(ollama["messages"], 0)?["thinking"] == nil)
    }

    @Test(arguments: [("", true), ("{}", true), (#"{"a":1}"#, true), (#"{"a":"#, false), ("7", false)])
    func ollamaTakesObjectsAsArgumentsAlone(arguments: String, isTaken: Bool) throws {
        let call = Message(
            role: .assistant, content: [], toolCalls: [ToolCall(id: "c", name: "f", arguments: arguments)])
        let request = GenerationRequest(prompt: .chat([call]))
        if isTaken {
            _ = try OllamaRequestBody(model: "m", request: request)
        } else {
            #expect(throws: BackendError.self) { try OllamaRequestBody(model: "m", request: request) }
        }
    }
}
