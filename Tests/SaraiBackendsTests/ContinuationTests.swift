import Foundation
import SaraiCore
import Testing

@testable import SaraiBackends

@Suite struct ContinuationTests {
    private static let chat = GenerationRequest.Prompt.chat([Message(role: .user, text: "hi")])

    private func encoded(_ body: some Encodable) throws -> JSONValue {
        try JSONCoding.decode(from: String(decoding: JSONCoding.encode(body), as: UTF8.self))
    }

    private func bodies(_ request: GenerationRequest) throws -> (openAI: JSONValue, ollama: JSONValue) {
        (
            try encoded(OpenAIRequestBody(model: "m", request: request, allowsExtensions: true)),
            try encoded(OllamaRequestBody(model: "m", request: request))
        )
    }

    @Test func aBegunAnswerIsTheLastMessage() throws {
        let bodies = try bodies(GenerationRequest(prompt: Self.chat, continuation: "¡Sí! "))
        let messages = JSONValue.array([
            .object(["role": .string("user"), "content": .string("hi")]),
            .object(["role": .string("assistant"), "content": .string("¡Sí! ")]),
        ])
        #expect(bodies.openAI["messages"] == messages && bodies.ollama["messages"] == messages)
        #expect(bodies.openAI["continue_final_message"] == .bool(true))
        #expect(bodies.openAI["add_generation_prompt"] == .bool(false))
    }

    @Test func aBegunTextIsPutAfterItsPrompt() throws {
        let bodies = try bodies(GenerationRequest(prompt: .completion("Once "), continuation: "upon\n"))
        #expect(bodies.openAI["prompt"] == .string("Once upon\n") && bodies.ollama["prompt"] == .string("Once upon\n"))
        #expect(bodies.openAI["continue_final_message"] == nil)
    }

    @Test(arguments: [nil, ""])
    func anAnswerThatHasNotBegunIsAskedForAsEver(continuation: String?) throws {
        let plain = try bodies(GenerationRequest(prompt: Self.chat))
        let empty = try bodies(GenerationRequest(prompt: Self.chat, continuation: continuation))
        #expect(plain.openAI == empty.openAI && plain.ollama == empty.ollama)
        #expect(plain.openAI["continue_final_message"] == nil)
    }

    @Test func anAssistantMessageAtTheEndIsABegunAnswer() throws {
        let user = Message(role: .user, text: "hi")
        func request(_ messages: [Message]) throws -> GenerationRequest {
            try GenerationRequest(prompt: .chat(messages)).continuingLastMessage()
        }
        let begun = try request([user, Message(role: .assistant, content: [.text("a "), .text("b ")])])
        #expect(begun.prompt == Self.chat && begun.continuation == "a b ")
        #expect(try request([user, Message(role: .assistant, text: "")]).prompt == Self.chat)
        let call = Message(role: .assistant, content: [], toolCalls: [ToolCall(id: "1", name: "f", arguments: "{}")])
        for messages in [[user], [], [Message(role: .assistant, text: "a")], [user, call]] {
            #expect(try request(messages) == GenerationRequest(prompt: .chat(messages)))
        }
        let text = GenerationRequest(prompt: .completion("a"))
        #expect(try text.continuingLastMessage() == text)
    }

    /// What templates make of a question, and of the same with its answer and one more word.
    @Test(arguments: [
        // SmolLM2, LFM2, Qwen
        ("<|user|>hi<|end|>\n<|assistant|>\n", "<|user|>hi<|end|>\n<|assistant|>\nYes.<|end|>\n<|user|>Good.", true),
        // Mistral, which puts a space between
        ("[INST]hi[/INST]", "[INST]hi[/INST] Yes.</s>[INST]Good.[/INST]", true),
        // gpt-oss, whose answers are in a channel
        ("<|start|>assistant", "<|start|>assistant<|channel|>final<|message|>Yes.<|end|>", false),
        // DeepSeek-R1, which opens its thoughts
        ("<|Assistant|><think>\n", "<|Assistant|>Yes.<|end|><|User|>Good.<|Assistant|><think>\n", false),
        // One that keeps no past answers
        ("<|assistant|>", "<|user|>Good.<|assistant|>", false),
    ])
    func aTemplateTellsWhereAnAnswerStands(prompt: String, conversation: String, follows: Bool) {
        #expect(ChatTemplate.answerFollows(prompt, in: conversation) == follows)
    }
}
