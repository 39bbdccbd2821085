import NIOCore
import SaraiCore

/// Writes an answer as the events of OpenAI's responses, from `response.created` to `response.completed`.
struct ResponsesStreamEncoder: StreamEncoder {
    private let response: ResponseObject
    private var items: [ResponseItem] = []
    /// The place of each tool call in ``items``, by its number.
    private var calls: [Int: Int] = [:]
    private var logprobs: [TokenLogprobs] = []
    private var sequence = 0

    /// An encoder for one response.
    init(_ response: ResponseObject) {
        self.response = response
    }

    mutating func start(into buffer: inout ByteBuffer) {
        let begun = response.json(.inProgress, output: [])
        write("response.created", ["response": begun], into: &buffer)
        write("response.in_progress", ["response": begun], into: &buffer)
    }

    mutating func write(_ event: GenerationEvent, into buffer: inout ByteBuffer) {
        switch event {
        case .content(let text): add(text, to: .message, "response.output_text.delta", into: &buffer)
        case .thinking(let text): add(text, to: .reasoning, "response.reasoning_text.delta", into: &buffer)
        case .logprobs(let tokens): logprobs += tokens
        case .toolCall(let delta): add(delta, into: &buffer)
        case .finished(let completion):
            finishItems(into: &buffer)
            let name = completion.reason == .length ? "response.incomplete" : "response.completed"
            write(
                name, ["response": response.json(.finished(completion), output: items.map(\.json))], into: &buffer)
        }
    }

    mutating func write(_ error: PoolError, into buffer: inout ByteBuffer) {
        finishItems(into: &buffer)
        write(
            "response.failed", ["response": response.json(.failed(error), output: items.map(\.json))], into: &buffer)
    }

    // MARK: Items

    /// Adds text to the item that is being made, or to a new one if that is of another kind.
    private mutating func add(
        _ text: String, to kind: ResponseItem.Kind, _ name: String, into buffer: inout ByteBuffer
    ) {
        if items.last?.kind != kind || items.last?.isDone == true {
            finishItems(into: &buffer)
            begin(kind, into: &buffer)
            writePart("response.content_part.added", at: items.count - 1, into: &buffer)
        }
        let index = items.count - 1
        items[index].text += text
        var members: JSONObject = [:]
        if kind == .message {
            members["logprobs"] = ResponseItem.json(of: logprobs)
            items[index].logprobs += logprobs
            logprobs = []
        }
        members["delta"] = .string(text)
        write(name, at: index, content: true, members, into: &buffer)
    }

    private mutating func add(_ delta: ToolCallDelta, into buffer: inout ByteBuffer) {
        let index: Int
        if let known = calls[delta.index] {
            index = known
        } else {
            finishItems(into: &buffer)
            begin(.call(id: delta.id ?? "call_\(delta.index)", name: delta.name ?? ""), into: &buffer)
            index = items.count - 1
            calls[delta.index] = index
        }
        if !delta.arguments.isEmpty, !items[index].isDone {
            items[index].text += delta.arguments
            write(
                "response.function_call_arguments.delta", at: index, ["delta": .string(delta.arguments)], into: &buffer)
        }
    }

    private mutating func begin(_ kind: ResponseItem.Kind, into buffer: inout ByteBuffer) {
        items.append(ResponseItem(kind, of: response.id, index: items.count))
        write(
            "response.output_item.added",
            ["output_index": .integer(items.count - 1), "item": items[items.count - 1].json], into: &buffer)
    }

    private mutating func finishItems(into buffer: inout ByteBuffer) {
        guard let item = items.last, !item.isDone else {
            return
        }
        let index = items.count - 1
        switch item.kind {
        case .message:
            write(
                "response.output_text.done", at: index, content: true,
                ["text": .string(item.text), "logprobs": ResponseItem.json(of: item.logprobs)], into: &buffer)
            writePart("response.content_part.done", at: index, into: &buffer)
        case .reasoning:
            write(
                "response.reasoning_text.done", at: index, content: true, ["text": .string(item.text)], into: &buffer)
            writePart("response.content_part.done", at: index, into: &buffer)
        case .call(_, let name):
            write(
                "response.function_call_arguments.done", at: index,
                ["name": .string(name), "arguments": .string(item.text)], into: &buffer)
        }
        items[index].isDone = true
        write(
            "response.output_item.done", ["output_index": .integer(index), "item": items[index].json], into: &buffer)
    }

    // MARK: Events

    private mutating func writePart(_ name: String, at index: Int, into buffer: inout ByteBuffer) {
        write(name, at: index, content: true, ["part": items[index].part], into: &buffer)
    }

    /// Writes an event about an item.
    private mutating func write(
        _ name: String, at index: Int, content: Bool = false, _ members: JSONObject, into buffer: inout ByteBuffer
    ) {
        var about: JSONObject = ["item_id": .string(items[index].id), "output_index": .integer(index)]
        if content {
            about["content_index"] = .integer(0)
        }
        for (name, value) in members {
            about[name] = value
        }
        write(name, about, into: &buffer)
    }

    private mutating func write(_ name: String, _ members: JSONObject, into buffer: inout ByteBuffer) {
        var event: JSONObject = ["type": .string(name), "sequence_number": .integer(sequence)]
        for (name, value) in members {
            event[name] = value
        }
        sequence += 1
        buffer.writeString("event: \(name)\ndata: \(JSONCoding.text(.object(event)))\n\n")
    }
}
