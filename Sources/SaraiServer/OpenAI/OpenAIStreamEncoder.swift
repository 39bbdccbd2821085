import NIOCore
import SaraiCore

/// Writes an answer as OpenAI's server-sent events.
struct OpenAIStreamEncoder: StreamEncoder {
    /// Which of the two endpoints the client called.
    enum Kind: Sendable {
        case chat, completion
    }

    private let kind: Kind
    private let head: String
    private let includesUsage: Bool
    private var isFirst = true

    /// An encoder for one answer.
    ///
    /// - Parameters:
    ///   - kind: the endpoint.
    ///   - id: identifies the answer.
    ///   - created: seconds since 1970.
    ///   - model: the model's name.
    ///   - includesUsage: whether the client wants a last event with the tokens used.
    init(kind: Kind, id: String, created: Int, model: String, includesUsage: Bool) {
        self.kind = kind
        self.includesUsage = includesUsage
        let object = kind == .chat ? "chat.completion.chunk" : "text_completion"
        // All of these are made by Sarai or checked names, so none needs escaping.
        head = "data: {\"id\":\"\(id)\",\"object\":\"\(object)\",\"created\":\(created),\"model\":\"\(model)\","
    }

    mutating func start(into buffer: inout ByteBuffer) {
        if kind == .chat {
            buffer.writeString(head)
            buffer.writeStaticString(
                #""choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#)
            buffer.writeStaticString("\n\n")
        }
    }

    mutating func write(_ event: GenerationEvent, into buffer: inout ByteBuffer) {
        switch event {
        case .content(let text):
            writeText(text, member: kind == .chat ? "content" : nil, into: &buffer)
        case .thinking(let text):
            writeText(text, member: kind == .chat ? "reasoning_content" : nil, into: &buffer)
        case .toolCall(let delta):
            write(delta, into: &buffer)
        case .finished(let completion):
            write(completion, into: &buffer)
        }
    }

    mutating func write(_ error: PoolError, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("data: ")
        var body = Dialect.openAI.body(of: error)
        buffer.writeBuffer(&body)
        buffer.writeStaticString("\n\n")
    }

    /// Writes text: as `member` of a chat's delta, or as a completion's text.
    private func writeText(_ text: String, member: String?, into buffer: inout ByteBuffer) {
        buffer.writeString(head)
        if let member {
            buffer.writeStaticString(#""choices":[{"index":0,"delta":{""#)
            buffer.writeString(member)
            buffer.writeStaticString(#"":"#)
            buffer.writeJSONString(text)
            buffer.writeStaticString(#"},"finish_reason":null}]}"#)
        } else {
            buffer.writeStaticString(#""choices":[{"index":0,"text":"#)
            buffer.writeJSONString(text)
            buffer.writeStaticString(#","finish_reason":null}]}"#)
        }
        buffer.writeStaticString("\n\n")
    }

    private func write(_ delta: ToolCallDelta, into buffer: inout ByteBuffer) {
        buffer.writeString(head)
        buffer.writeString(#""choices":[{"index":0,"delta":{"tool_calls":[{"index":\#(delta.index),"#)
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
        buffer.writeStaticString(#"}}]},"finish_reason":null}]}"#)
        buffer.writeStaticString("\n\n")
    }

    private func write(_ completion: Completion, into buffer: inout ByteBuffer) {
        let empty = kind == .chat ? #""delta":{}"# : #""text":"""#
        buffer.writeString(head)
        buffer.writeString(
            #""choices":[{"index":0,\#(empty),"finish_reason":"\#(completion.reason.rawValue)"}]"#)
        if let pipeline = completion.pipeline {
            buffer.writeStaticString(#","sarai":"#)
            var report = JSONBody.buffer(pipeline)
            buffer.writeBuffer(&report)
        }
        buffer.writeStaticString("}\n\n")
        if includesUsage {
            let usage = completion.usage
            buffer.writeString(head)
            buffer.writeString(#""choices":[],"usage":{"prompt_tokens":\#(usage.promptTokens),"#)
            buffer.writeString(#""completion_tokens":\#(usage.completionTokens),"#)
            buffer.writeString(#""total_tokens":\#(usage.promptTokens + usage.completionTokens)}}"#)
            buffer.writeStaticString("\n\n")
        }
        buffer.writeStaticString("data: [DONE]\n\n")
    }
}
