import NIOCore
import SaraiCore

/// Writes an answer as Anthropic's server-sent events: a message of blocks, each of which begins, grows and ends.
struct AnthropicStreamEncoder: StreamEncoder {
    private enum Block: Hashable {
        case thinking, text
        /// A call, by its place among the answer's calls.
        case toolUse(Int)
    }

    private let id: String
    private let model: String
    private let requestID: RequestID?
    /// The blocks that were begun; a block's place is its index.
    private var blocks: [Block] = []
    private var isOpen = false

    /// An encoder for one answer.
    ///
    /// - Parameters:
    ///   - id: identifies the answer.
    ///   - model: the model's name.
    ///   - requestID: identifies the request, in errors.
    init(id: String, model: String, requestID: RequestID?) {
        self.id = id
        self.model = model
        self.requestID = requestID
    }

    mutating func start(into buffer: inout ByteBuffer) {
        // The tokens of the prompt are known at the end, and told there.
        write("message_start", into: &buffer) { buffer in
            // All of these are made by Sarai or checked names, so none needs escaping.
            buffer.writeString(
                #""message":{"id":"\#(id)","type":"message","role":"assistant","model":"\#(model)","content":[],"#)
            buffer.writeStaticString(
                #""stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}"#)
        }
        buffer.writeStaticString("event: ping\ndata: {\"type\":\"ping\"}\n\n")
    }

    mutating func write(_ event: GenerationEvent, into buffer: inout ByteBuffer) {
        switch event {
        case .content(let text):
            let index = open(.text, into: &buffer) { $0.writeStaticString(#""type":"text","text":"""#) }
            writeDelta(index, "text_delta", "text", text, into: &buffer)
        case .thinking(let text):
            let index = open(.thinking, into: &buffer) {
                $0.writeStaticString(#""type":"thinking","thinking":"","signature":"""#)
            }
            writeDelta(index, "thinking_delta", "thinking", text, into: &buffer)
        case .toolCall(let delta):
            let index = open(.toolUse(delta.index), into: &buffer) { buffer in
                buffer.writeStaticString(#""type":"tool_use","id":"#)
                buffer.writeJSONString(delta.id ?? "call_\(delta.index)")
                buffer.writeStaticString(#","name":"#)
                buffer.writeJSONString(delta.name ?? "")
                buffer.writeStaticString(#","input":{}"#)
            }
            if !delta.arguments.isEmpty {
                writeDelta(index, "input_json_delta", "partial_json", delta.arguments, into: &buffer)
            }
        case .logprobs:
            // Nobody can ask for them in this dialect.
            break
        case .finished(let completion):
            close(into: &buffer)
            write(completion, into: &buffer)
        }
    }

    mutating func write(_ error: PoolError, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("event: error\ndata: ")
        var body = Dialect.anthropic.body(of: error, requestID: requestID)
        buffer.writeBuffer(&body)
        buffer.writeStaticString("\n\n")
    }

    /// Begins a block, and ends the one before it, unless it is that one.
    ///
    /// - Parameters:
    ///   - block: what it is.
    ///   - buffer: where to write.
    ///   - content: writes the members of the empty block.
    /// - Returns: the block's index.
    private mutating func open(
        _ block: Block, into buffer: inout ByteBuffer, _ content: (inout ByteBuffer) -> Void
    ) -> Int {
        // Texts and thoughts go on where they are the last; a call goes on wherever it is.
        switch block {
        case .toolUse:
            if let index = blocks.firstIndex(of: block) {
                return index
            }
        case .text, .thinking:
            if blocks.last == block {
                return blocks.count - 1
            }
        }
        close(into: &buffer)
        blocks.append(block)
        isOpen = true
        let index = blocks.count - 1
        write("content_block_start", into: &buffer) { buffer in
            buffer.writeString(#""index":\#(index),"content_block":{"#)
            content(&buffer)
            buffer.writeStaticString("}")
        }
        return index
    }

    /// Ends the block that is open.
    private mutating func close(into buffer: inout ByteBuffer) {
        guard isOpen else {
            return
        }
        isOpen = false
        let index = blocks.count - 1
        write("content_block_stop", into: &buffer) { $0.writeString(#""index":\#(index)"#) }
    }

    /// The hot path: one token's text.
    private func writeDelta(
        _ index: Int, _ type: StaticString, _ member: StaticString, _ text: String, into buffer: inout ByteBuffer
    ) {
        buffer.writeStaticString("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":")
        buffer.writeString("\(index)")
        buffer.writeStaticString(#","delta":{"type":""#)
        buffer.writeStaticString(type)
        buffer.writeStaticString(#"",""#)
        buffer.writeStaticString(member)
        buffer.writeStaticString(#"":"#)
        buffer.writeJSONString(text)
        buffer.writeStaticString("}}\n\n")
    }

    private func write(_ completion: Completion, into buffer: inout ByteBuffer) {
        write("message_delta", into: &buffer) { buffer in
            buffer.writeStaticString(#""delta":"#)
            buffer.writeImmutableBuffer(JSONBody.buffer(AnthropicStop(completion)))
            buffer.writeStaticString(#","usage":"#)
            buffer.writeImmutableBuffer(JSONBody.buffer(AnthropicUsage(completion.usage)))
            if let pipeline = completion.pipeline {
                buffer.writeStaticString(#","sarai":"#)
                buffer.writeImmutableBuffer(JSONBody.buffer(pipeline))
            }
        }
        buffer.writeStaticString("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
    }

    /// Writes an event: its name, and an object of that type with the members that `content` writes.
    private func write(_ type: StaticString, into buffer: inout ByteBuffer, _ content: (inout ByteBuffer) -> Void) {
        buffer.writeStaticString("event: ")
        buffer.writeStaticString(type)
        buffer.writeStaticString("\ndata: {\"type\":\"")
        buffer.writeStaticString(type)
        buffer.writeStaticString("\",")
        content(&buffer)
        buffer.writeStaticString("}\n\n")
    }
}
