import SaraiCore

extension CollectedAnswer {
    /// The calls that a client can make, with their arguments as objects.
    ///
    /// A call that the token limit cut off has none: it is left out, for without its arguments it would be another call.
    var wholeCalls: [(call: ToolCall, arguments: JSONValue)] {
        toolCalls.compactMap { call in
            // Some servers write nothing for a function without parameters.
            if call.arguments.isEmpty, completion.reason != .length {
                return (call, .object([:]))
            }
            guard let arguments: JSONValue = try? JSONCoding.decode(from: call.arguments),
                case .object = arguments
            else {
                return nil
            }
            return (call, arguments)
        }
    }

    /// How the answer ended, for clients that get ``wholeCalls``: where a call is left out, something is missing at the end.
    var completionOfWholeCalls: Completion {
        var completion = completion
        if wholeCalls.count < toolCalls.count {
            completion.reason = .length
        }
        return completion
    }
}
