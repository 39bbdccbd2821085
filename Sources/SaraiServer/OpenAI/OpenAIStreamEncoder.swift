import NIOCore
import SaraiCore

/// Writes one or several answers as OpenAI's server-sent events.
struct OpenAIStreamEncoder: ChoiceStreamEncoder {
    /// Which of the two endpoints the client called.
    enum Kind: Sendable {
        case chat, completion
    }

    private let kind: Kind
    private let head: String
    private let includesUsage: Bool
    private var choices: [Choice]
    private var usage = Usage()

    /// How far one of the answers is.
    private struct Choice {
        /// What stands before the answer.
        let echo: String
        /// Whether the tokens of its prompt are told with another choice.
        let sharesPrompt: Bool
        /// Probabilities of tokens that the next piece of text will carry.
        var logprobs: [TokenLogprobs] = []
        /// Characters sent so far.
        var offset = 0
        var isFinished = false
    }

    /// An encoder for the answers to one request.
    ///
    /// - Parameters:
    ///   - kind: the endpoint.
    ///   - id: identifies the answer.
    ///   - created: seconds since 1970.
    ///   - request: what was asked.
    init(kind: Kind, id: String, created: Int, request: OpenAIGenerationRequest) {
        self.kind = kind
        includesUsage = request.includesUsage
        choices = request.choices.map { Choice(echo: $0.echo, sharesPrompt: $0.sharesPrompt) }
        let object = kind == .chat ? "chat.completion.chunk" : "text_completion"
        // All of these are made by Sarai or checked names, so none needs escaping. Who wants the usage finds it in every event.
        head =
            "data: {\"id\":\"\(id)\",\"object\":\"\(object)\",\"created\":\(created),\"model\":\"\(request.model)\","
            + (includesUsage ? "\"usage\":null," : "")
    }

    mutating func start(into buffer: inout ByteBuffer) {
        for (index, choice) in choices.enumerated() {
            switch kind {
            case .chat:
                write(index, into: &buffer) {
                    $0.writeStaticString(#""delta":{"role":"assistant","content":""},"finish_reason":null"#)
                }
            case .completion where !choice.echo.isEmpty:
                writeText(choice.echo, of: index, into: &buffer)
                choices[index].offset = choice.echo.unicodeScalars.count
            case .completion: break
            }
        }
    }

    mutating func write(_ event: GenerationEvent, of index: Int, into buffer: inout ByteBuffer) {
        switch event {
        case .content(let text):
            let logprobs = takeLogprobs(of: index)
            writeText(text, of: index, logprobs: logprobs, into: &buffer)
        case .thinking(let text):
            writeText(text, member: "reasoning_content", of: index, into: &buffer)
        case .logprobs(let tokens):
            choices[index].logprobs += tokens
        case .toolCall(let delta):
            write(index, into: &buffer) { Self.write(delta, into: &$0) }
        case .finished(let completion):
            finish(completion, of: index, into: &buffer)
        }
    }

    mutating func write(_ error: PoolError, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("data: ")
        var body = Dialect.openAI.body(of: error)
        buffer.writeBuffer(&body)
        buffer.writeStaticString("\n\n")
    }

    /// Writes an event about one of the answers; `content` writes what it holds.
    private func write(
        _ index: Int, pipeline: PipelineReport? = nil, into buffer: inout ByteBuffer,
        content: (inout ByteBuffer) -> Void
    ) {
        buffer.writeString(head)
        buffer.writeString("\"choices\":[{\"index\":\(index),")
        content(&buffer)
        buffer.writeStaticString("}]")
        if let pipeline {
            buffer.writeStaticString(#","sarai":"#)
            var report = JSONBody.buffer(pipeline)
            buffer.writeBuffer(&report)
        }
        buffer.writeStaticString("}\n\n")
    }

    /// Writes text: as `member` of a chat's delta, or as a completion's text.
    private func writeText(
        _ text: String, member: String = "content", of index: Int, logprobs: ByteBuffer? = nil,
        into buffer: inout ByteBuffer
    ) {
        write(index, into: &buffer) { buffer in
            if kind == .chat {
                buffer.writeStaticString(#""delta":{""#)
                buffer.writeString(member)
                buffer.writeStaticString(#"":"#)
                buffer.writeJSONString(text)
                buffer.writeStaticString("}")
            } else {
                buffer.writeStaticString(#""text":"#)
                buffer.writeJSONString(text)
            }
            if var logprobs {
                buffer.writeStaticString(#","logprobs":"#)
                buffer.writeBuffer(&logprobs)
            }
            buffer.writeStaticString(#","finish_reason":null"#)
        }
    }

    private static func write(_ delta: ToolCallDelta, into buffer: inout ByteBuffer) {
        buffer.writeString(#""delta":{"tool_calls":[{"index":\#(delta.index),"#)
        if let id = delta.id {
            buffer.writeStaticString(#""id":"#)
            buffer.writeJSONString(id)
            buffer.writeStaticString(#","type":"function","#)
        }
        buffer.writeStaticString(#""function":{"#)
        if let name = delta.name {
            buffer.writeStaticString(#""name":"#)
            buffer.writeJSONString(name)
            buffer.writeStaticString(",")
        }
        buffer.writeStaticString(#""arguments":"#)
        buffer.writeJSONString(delta.arguments)
        buffer.writeStaticString(#"}}]},"finish_reason":null"#)
    }

    /// The probabilities that wait for text, in the shape of the endpoint; `nil` for none.
    private mutating func takeLogprobs(of index: Int) -> ByteBuffer? {
        let tokens = choices[index].logprobs
        guard !tokens.isEmpty else {
            return nil
        }
        choices[index].logprobs = []
        guard kind == .completion else {
            return JSONBody.buffer(OpenAIChatLogprobs(tokens))
        }
        let logprobs = OpenAICompletionLogprobs(tokens, offset: choices[index].offset)
        choices[index].offset = logprobs.end
        return JSONBody.buffer(logprobs)
    }

    private mutating func finish(_ completion: Completion, of index: Int, into buffer: inout ByteBuffer) {
        choices[index].isFinished = true
        usage.completionTokens += completion.usage.completionTokens
        usage.promptTokens += choices[index].sharesPrompt ? 0 : completion.usage.promptTokens
        let logprobs = takeLogprobs(of: index)
        write(index, pipeline: completion.pipeline, into: &buffer) { buffer in
            buffer.writeString(kind == .chat ? #""delta":{}"# : #""text":"""#)
            if var logprobs {
                buffer.writeStaticString(#","logprobs":"#)
                buffer.writeBuffer(&logprobs)
            }
            buffer.writeString(#","finish_reason":"\#(completion.reason.rawValue)""#)
        }
        if choices.allSatisfy(\.isFinished) {
            writeEnd(into: &buffer)
        }
    }

    private func writeEnd(into buffer: inout ByteBuffer) {
        if includesUsage {
            buffer.writeString(head.replacing("\"usage\":null,", with: ""))
            buffer.writeString(#""choices":[],"usage":{"prompt_tokens":\#(usage.promptTokens),"#)
            buffer.writeString(#""completion_tokens":\#(usage.completionTokens),"#)
            buffer.writeString(#""total_tokens":\#(usage.promptTokens + usage.completionTokens)}}"#)
            buffer.writeStaticString("\n\n")
        }
        buffer.writeStaticString("data: [DONE]\n\n")
    }
}
