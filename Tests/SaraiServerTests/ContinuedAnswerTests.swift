import SaraiCore
import Testing

@testable import SaraiServer

/// An assistant message at the end of a conversation is the beginning of the answer, in every dialect.
@Suite struct ContinuedAnswerTests {
    private static let messages = #"[{"role":"user","content":"hi"},{"role":"assistant","content":"¡Sí! "}]"#
    private static let expected = GenerationRequest(
        prompt: .chat([Message(role: .user, text: "hi")]), continuation: "¡Sí! ")

    private func openAI(_ members: String) throws -> GenerationRequest {
        let body = "{\"model\":\"m\",\"messages\":\(members)}"
        return try JSONCoding.decode(OpenAIGenerationRequest.self, from: body).request
    }

    @Test func ollama() throws {
        let body = "{\"model\":\"m\",\"messages\":\(Self.messages)}"
        #expect(try JSONCoding.decode(OllamaChatRequest.self, from: body).content.request == Self.expected)
    }

    @Test(arguments: [
        "", #","continue_final_message":true"#, #","continue_final_message":true,"add_generation_prompt":false"#,
    ])
    func openAI(members: String) throws {
        #expect(try openAI(Self.messages + members) == Self.expected)
    }

    @Test(arguments: [#","continue_final_message":false"#, #","add_generation_prompt":true"#])
    func theContraryIsRefused(members: String) {
        #expect(throws: PoolError.self) { try openAI(Self.messages + members) }
    }

    @Test func thoughtsStandBetweenTheMessageAndItsEnd() {
        let begun = #"[{"role":"user","content":"hi"},{"role":"assistant","content":"a","MEMBER":"hm"}]"#
        #expect(throws: PoolError.self) {
            try openAI(begun.replacing("MEMBER", with: "reasoning_content"))
        }
        let body = "{\"model\":\"m\",\"messages\":\(begun.replacing("MEMBER", with: "thinking"))}"
        #expect(throws: PoolError.self) { try JSONCoding.decode(OllamaChatRequest.self, from: body) }
    }

    @Test func whatIsNotBegunCannotBeContinued() throws {
        let messages = #"[{"role":"user","content":"hi"}]"#
        #expect(throws: PoolError.self) { try openAI(messages + #","continue_final_message":true"#) }
        let request = try openAI(messages + #","continue_final_message":false,"add_generation_prompt":true"#)
        #expect(request == GenerationRequest(prompt: .chat([Message(role: .user, text: "hi")])))
    }
}
