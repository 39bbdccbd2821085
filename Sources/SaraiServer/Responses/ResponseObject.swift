import SaraiCore

/// A response as OpenAI's API writes it, at any time of its making.
struct ResponseObject {
    /// How far it is.
    enum Status {
        case inProgress
        case finished(Completion)
        case failed(PoolError)
    }

    /// Identifies the response, and with a letter before it each of its items.
    let id: String
    /// Seconds since 1970.
    let created: Int
    let request: ResponsesRequest

    /// The whole response.
    ///
    /// - Parameters:
    ///   - status: how far it is.
    ///   - output: its items.
    /// - Returns: the object.
    func json(_ status: Status, output: [JSONValue]) -> JSONValue {
        var response: JSONObject = [
            "id": .string("resp_\(id)"), "object": .string("response"), "created_at": .integer(created),
            "status": .string(Self.word(for: status)), "background": .bool(false), "error": .null,
            "incomplete_details": .null, "model": .string(request.model.rawValue), "output": .array(output),
            "previous_response_id": .null, "store": .bool(false), "usage": .null,
        ]
        for (name, value) in request.echo {
            response[name] = value
        }
        switch status {
        case .inProgress: break
        case .failed(let error):
            response["error"] = .object([
                "code": .string(error.code.rawValue), "message": .string(error.message),
            ])
        case .finished(let completion):
            if completion.reason == .length {
                response["incomplete_details"] = .object(["reason": .string("max_output_tokens")])
            }
            response["usage"] = Self.usage(completion.usage)
        }
        return .object(response)
    }

    private static func word(for status: Status) -> String {
        switch status {
        case .inProgress: "in_progress"
        case .failed: "failed"
        case .finished(let completion): completion.reason == .length ? "incomplete" : "completed"
        }
    }

    private static func usage(_ usage: Usage) -> JSONValue {
        .object([
            "input_tokens": .integer(usage.promptTokens),
            "input_tokens_details": .object(["cached_tokens": .integer(0)]),
            "output_tokens": .integer(usage.completionTokens),
            "output_tokens_details": .object(["reasoning_tokens": .integer(0)]),
            "total_tokens": .integer(usage.promptTokens + usage.completionTokens),
        ])
    }
}

/// An item of a response's output, at any time of its making.
struct ResponseItem {
    /// What it is.
    enum Kind: Hashable {
        case reasoning
        case message
        case call(id: String, name: String)
    }

    let kind: Kind
    let id: String
    /// The text, or the arguments of a call.
    var text = ""
    /// The probabilities of the text's tokens.
    var logprobs: [TokenLogprobs] = []
    var isDone = false

    /// An item.
    ///
    /// - Parameters:
    ///   - kind: what it is.
    ///   - response: the response's id.
    ///   - index: its place in the output.
    init(_ kind: Kind, of response: String, index: Int) {
        self.kind = kind
        let letters =
            switch kind {
            case .reasoning: "rs"
            case .message: "msg"
            case .call: "fc"
            }
        id = "\(letters)_\(response)\(index)"
    }

    /// The part of a message's content, or of thoughts, that holds the text.
    var part: JSONValue {
        guard kind == .message else {
            return .object(["type": .string("reasoning_text"), "text": .string(text)])
        }
        return .object([
            "type": .string("output_text"), "text": .string(text), "annotations": .array([]),
            "logprobs": Self.json(of: logprobs),
        ])
    }

    /// Probabilities as they are told.
    static func json(of logprobs: [TokenLogprobs]) -> JSONValue {
        // The type's own encoding cannot fail.
        (try? JSONCoding.value(of: OpenAIChatLogprobs(logprobs).content)) ?? .array([])
    }

    /// The item.
    var json: JSONValue {
        let status = JSONValue.string(isDone ? "completed" : "in_progress")
        switch kind {
        case .reasoning:
            return .object([
                "id": .string(id), "type": .string("reasoning"), "summary": .array([]),
                "content": .array(isDone ? [part] : []),
            ])
        case .message:
            return .object([
                "id": .string(id), "type": .string("message"), "status": status, "role": .string("assistant"),
                "content": .array(isDone ? [part] : []),
            ])
        case .call(let call, let name):
            return .object([
                "id": .string(id), "type": .string("function_call"), "status": status, "call_id": .string(call),
                "name": .string(name), "arguments": .string(text),
            ])
        }
    }
}
