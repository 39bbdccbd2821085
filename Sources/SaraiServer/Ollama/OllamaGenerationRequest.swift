import Foundation
import SaraiCore

/// The body of `POST /api/chat` and of `POST /api/generate`.
struct OllamaGenerationRequest: Decodable {
    let model: ModelName
    /// What to generate; `nil` when only a load or an unload is asked for (an empty prompt or list of messages).
    let request: GenerationRequest?
    let stream: Bool
    /// How long the model is to stay loaded afterwards; `nil` is as configured.
    let keepAlive: KeepAlive?
    /// Options that were ignored.
    let ignoredOptions: [String]

    /// Members that cannot be honoured. They are refused, unless they ask for nothing.
    private static let unsupported = ["suffix", "template", "context"]

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        for name in Self.unsupported {
            let value: JSONValue? = try fields.optional(name)
            guard value == nil || value == .string("") || value == .array([]) else {
                throw PoolError(.unsupported, "\(name): not supported")
            }
        }
        model = try fields.model(orNamed: "name")
        stream = try fields.optional("stream") ?? true
        keepAlive = try fields.optional("keep_alive", as: KeepAliveField.self)?.value
        let options = try fields.optional("options", as: OllamaOptions.self)
        ignoredOptions = options?.ignored ?? []
        request = try Self.prompt(fields).map { prompt in
            GenerationRequest(
                prompt: prompt,
                sampling: options?.sampling ?? Sampling(),
                tools: try fields.tools(),
                format: try fields.optional("format", as: OllamaFormat.self)?.format,
                thinking: try Self.thinking(fields)
            ).continuingLastMessage()
        }
    }

    private static func prompt(_ fields: RequestFields) throws -> GenerationRequest.Prompt? {
        if fields.names.contains("messages") {
            let messages = try fields.required("messages", as: [OllamaMessage].self).map(\.message)
            return messages.isEmpty ? nil : .chat(messages)
        }
        let text: String = try fields.optional("prompt") ?? ""
        let media = try fields.optional("images", as: [OllamaMedia].self)?.map(\.media) ?? []
        guard !text.isEmpty || !media.isEmpty else {
            return nil
        }
        if try fields.optional("raw", as: Bool.self) == true {
            guard media.isEmpty else {
                throw PoolError(.unsupported, "images: not supported together with raw")
            }
            return .completion(text)
        }
        let system: String = try fields.optional("system") ?? ""
        let user = Message(role: .user, content: [.text(text)] + media.map(Message.Part.media))
        return .chat((system.isEmpty ? [] : [Message(role: .system, text: system)]) + [user])
    }

    /// `think` is true or false, or a level that only some models know.
    private static func thinking(_ fields: RequestFields) throws -> Bool? {
        switch try fields.optional("think", as: JSONValue.self) {
        case nil, .null: nil
        case .bool(let value): value
        case .string("low"), .string("medium"), .string("high"): true
        default: throw PoolError(.invalidRequest, "think: expected true, false, \"low\", \"medium\" or \"high\"")
        }
    }
}

/// A message of `POST /api/chat`.
private struct OllamaMessage: Decodable {
    let message: Message

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        let name: String = try fields.required("role")
        guard let role = Message.Role(rawValue: name) else {
            let roles = Message.Role.allCases.map(\.rawValue).joined(separator: ", ")
            throw PoolError(.invalidRequest, "messages: role '\(name)' is none of \(roles)")
        }
        let text: String = try fields.optional("content") ?? ""
        let media = try fields.optional("images", as: [OllamaMedia].self)?.map(\.media) ?? []
        let calls = try fields.optional("tool_calls", as: [Call].self) ?? []
        message = Message(
            role: role,
            content: [.text(text)] + media.map(Message.Part.media),
            toolCalls: calls.enumerated().map { index, call in
                ToolCall(id: "call_\(index)", name: call.function.name, arguments: call.function.text)
            },
            toolName: try fields.optional("tool_name"))
    }

    private struct Call: Decodable {
        let function: Function

        struct Function: Decodable {
            let name: String
            let arguments: JSONValue?

            /// The arguments as text, the form in which other dialects carry them.
            var text: String {
                let data = try? JSONEncoder().encode(arguments ?? .object([:]))
                return String(decoding: data ?? Data("{}".utf8), as: UTF8.self)
            }
        }
    }
}
