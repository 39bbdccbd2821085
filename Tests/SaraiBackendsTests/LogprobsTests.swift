import SaraiCore
import Testing

@testable import SaraiBackends

/// Probabilities of tokens, in all shapes that servers have for them.
@Suite struct LogprobsTests {
    private static let a = TokenLogprob(text: "a", bytes: [97], logprob: -0.5)
    private static let b = TokenLogprob(text: "b", bytes: nil, logprob: -2)

    @Test(arguments: [
        #"{"choices":[{"delta":{"content":"a"},"logprobs":{"content":[\#(token)]}}]}"#,
        #"{"choices":[{"text":"a","logprobs":{"content":[\#(token)]}}]}"#,
    ])
    func openAI(chunk: String) throws {
        var reader = OpenAIChunkReader(topLogprobs: 1)
        let events = reader.read(try JSONCoding.decode(from: chunk))
        #expect(events == [.logprobs([TokenLogprobs(chosen: Self.a, top: [Self.b])]), .content("a")])
        var deaf = OpenAIChunkReader()
        #expect(deaf.read(try JSONCoding.decode(from: chunk)) == [.content("a")], "who asks for none gets none")
    }

    private static let token =
        #"{"id":5,"token":"a","bytes":[97],"logprob":-0.5,"top_logprobs":[{"token":"b","logprob":-2},{"token":"c","logprob":-3}]}"#

    @Test func olderShapeOfCompletions() throws {
        let chunk =
            #"{"choices":[{"text":"a","logprobs":{"tokens":["a"],"token_logprobs":[-0.5],"top_logprobs":[{"c":-3,"b":-2}]}}]}"#
        var reader = OpenAIChunkReader(topLogprobs: 1)
        let chosen = TokenLogprob(text: "a", bytes: nil, logprob: -0.5)
        #expect(
            reader.read(try JSONCoding.decode(from: chunk))
                == [.logprobs([TokenLogprobs(chosen: chosen, top: [Self.b])]), .content("a")])
    }

    @Test func ollama() throws {
        let chunk = #"{"message":{"content":"a"},"done":false,"logprobs":[\#(Self.token)]}"#
        var reader = OllamaChunkReader(topLogprobs: 0)
        #expect(
            reader.read(try JSONCoding.decode(from: chunk))
                == [.logprobs([TokenLogprobs(chosen: Self.a, top: [])]), .content("a")])
    }

    @Test func infill() throws {
        var reader = InfillChunkReader()
        #expect(reader.read(try JSONCoding.decode(from: #"{"content":"a","stop":false}"#)) == [.content("a")])
        #expect(!reader.isOver)
        let last =
            #"{"content":"","stop":true,"stop_type":"limit","tokens_evaluated":7,"tokens_predicted":2,"timings":{"prompt_ms":1,"predicted_ms":2}}"#
        #expect(reader.read(try JSONCoding.decode(from: last)) == [])
        #expect(reader.completion?.reason == .length && reader.completion?.usage.promptTokens == 7)
    }
}
