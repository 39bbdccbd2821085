/// What kind of thing serves a target.
public enum TargetKind: String, Hashable, Sendable, Codable, CaseIterable {
    /// A server that speaks Ollama's API.
    case ollama = "ollama_http"
    /// A server that speaks OpenAI's API: vLLM, SGLang, llama-server, another Sarai.
    case openAI = "openai_http"
    /// A GGUF file on this machine, run by a supervised llama-server.
    case gguf = "gguf_native"
    /// A Whisper model on this machine, run by a supervised faster-whisper.
    case whisper = "whisper_native"

    /// Whether the target's memory is this machine's.
    public var isLocal: Bool {
        switch self {
        case .ollama, .openAI: false
        case .gguf, .whisper: true
        }
    }

    /// Whether the target's API has transcriptions. Whether its model hears is another question.
    public var hasTranscriptions: Bool {
        self != .ollama
    }
}

/// Identifies one way to serve one model: `solar/ollama_http@10.0.0.7:11434`, `solar/gguf_native`.
public struct TargetID: Hashable, Sendable {
    /// The model that the target serves.
    public let model: ModelName
    /// What serves it.
    public let kind: TargetKind
    /// `host:port` of a remote target's server; `nil` for a local one.
    public let server: String?

    /// Names a target.
    public init(model: ModelName, kind: TargetKind, server: String? = nil) {
        self.model = model
        self.kind = kind
        self.server = server
    }
}

extension TargetID: CustomStringConvertible {
    public var description: String {
        "\(model)/\(kind.rawValue)" + (server.map { "@" + $0 } ?? "")
    }
}
