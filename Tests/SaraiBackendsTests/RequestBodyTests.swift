import Foundation
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
        try JSONDecoder().decode(JSONValue.self, from: JSONEncoder.wire.encode(body))
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
}
