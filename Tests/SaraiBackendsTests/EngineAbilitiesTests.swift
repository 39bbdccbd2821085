import SaraiCore
import Testing

@testable import SaraiBackends

/// What the engine would leave out in silence is refused instead.
@Suite struct EngineAbilitiesTests {
    private static let tool = JSONValue.object([
        "type": .string("function"), "function": .object(["name": .string("f")]),
    ])
    private static let prompt = GenerationRequest.Prompt.chat([Message(role: .user, text: "hi")])

    private func template(_ text: String, tools: Bool) throws -> EngineTemplate {
        try JSONCoding.decode(
            from: #"{"chat_template":"\#(text)","chat_template_caps":{"supports_tools":\#(tools)},"total_slots":1}"#)
    }

    @Test func toolsNeedATemplateWithAPlaceForThem() throws {
        let request = GenerationRequest(prompt: Self.prompt, tools: [Self.tool])
        #expect(EngineTemplate.matters(for: request))
        #expect(throws: BackendError.self) { try template("plain", tools: false).check(request) }
        try template("plain", tools: true).check(request)
        let silent: EngineTemplate = try JSONCoding.decode(from: "{}")
        try silent.check(request)
        var without = request
        without.toolChoice = ToolChoice.never
        try template("plain", tools: false).check(without)
    }

    @Test func besideTools() throws {
        let able = try template("plain", tools: true)
        var request = GenerationRequest(prompt: Self.prompt, tools: [Self.tool], format: .json)
        #expect(throws: BackendError.self) { try able.check(request) }
        request.toolChoice = .never
        try able.check(request)
        request.topLogprobs = 0
        #expect(throws: BackendError.self) { try able.check(request) }
    }

    @Test(arguments: [
        (true as Bool?, nil as ReasoningEffort?, true), (nil, .low, true), (false, nil, false),
        (nil, ReasoningEffort.off, false), (nil, nil, false),
    ])
    func thoughtsNeedATemplateThatKnowsOfThem(thinking: Bool?, effort: ReasoningEffort?, matters: Bool) throws {
        let request = GenerationRequest(prompt: Self.prompt, thinking: thinking, reasoningEffort: effort)
        #expect(EngineTemplate.matters(for: request) == matters)
        try template("{{ enable_thinking }}", tools: false).check(request)
        if matters {
            #expect(throws: BackendError.self) { try template("plain", tools: false).check(request) }
        }
    }
}
