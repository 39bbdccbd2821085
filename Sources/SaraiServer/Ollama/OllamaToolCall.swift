import SaraiCore

/// A tool call in an answer: the arguments are an object, not text.
struct OllamaToolCall: Encodable {
    let function: Function

    struct Function: Encodable {
        let name: String
        let arguments: JSONValue
    }

    init(_ call: ToolCall, arguments: JSONValue) {
        function = Function(name: call.name, arguments: arguments)
    }
}
