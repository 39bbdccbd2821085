import Foundation
import NIOCore
import SaraiCore
import SaraiPool

/// Writes an answer as Ollama's lines of JSON.
struct OllamaStreamEncoder: StreamEncoder {
    /// Which of the two endpoints the client called.
    enum Kind: Sendable {
        case chat, generate
    }

    private let kind: Kind
    private let model: String
    private let started: ContinuousClock.Instant
    private let route: Route
    private var toolCalls = CollectedAnswer()
    /// Probabilities of tokens that the next piece of text will carry.
    private var logprobs: [TokenLogprobs] = []

    /// An encoder for one answer.
    ///
    /// - Parameters:
    ///   - kind: the endpoint.
    ///   - model: the model's name as the client wrote it.
    ///   - started: when the request came.
    ///   - route: the target that answers.
    init(kind: Kind, model: String, started: ContinuousClock.Instant, route: Route) {
        self.kind = kind
        self.model = model
        self.started = started
        self.route = route
    }

    mutating func start(into buffer: inout ByteBuffer) {}

    mutating func write(_ event: GenerationEvent, into buffer: inout ByteBuffer) {
        switch event {
        case .content(let text):
            writePiece(text, thinking: nil, into: &buffer)
        case .thinking(let text):
            writePiece("", thinking: text, into: &buffer)
        case .logprobs(let tokens):
            logprobs += tokens
        case .toolCall:
            // This dialect has calls whole, so they are kept until the end.
            toolCalls.add(event)
        case .finished(let completion):
            if !toolCalls.toolCalls.isEmpty {
                let piece = OllamaAnswer(
                    kind: kind, model: model, answer: toolCalls, metrics: nil)
                write(piece, into: &buffer)
            }
            let metrics = OllamaMetrics(completion, route: route, total: started.duration(to: .now))
            var rest = CollectedAnswer()
            rest.logprobs = logprobs
            write(OllamaAnswer(kind: kind, model: model, answer: rest, metrics: metrics), into: &buffer)
        }
    }

    mutating func write(_ error: PoolError, into buffer: inout ByteBuffer) {
        var body = Dialect.ollama.body(of: error)
        buffer.writeBuffer(&body)
        buffer.writeStaticString("\n")
    }

    private func write(_ answer: OllamaAnswer, into buffer: inout ByteBuffer) {
        var line = JSONBody.buffer(answer)
        buffer.writeBuffer(&line)
        buffer.writeStaticString("\n")
    }

    /// The hot path: a line with one token's text.
    private mutating func writePiece(_ text: String, thinking: String?, into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"model":"#)
        buffer.writeJSONString(model)
        buffer.writeStaticString(#","created_at":""#)
        buffer.writeString(OllamaTime.now())
        buffer.writeStaticString(kind == .chat ? #"","message":{"role":"assistant","content":"# : #"","response":"#)
        buffer.writeJSONString(text)
        if let thinking {
            buffer.writeStaticString(#","thinking":"#)
            buffer.writeJSONString(thinking)
        }
        if kind == .chat {
            buffer.writeStaticString("}")
        }
        if !logprobs.isEmpty {
            buffer.writeStaticString(#","logprobs":"#)
            var told = JSONBody.buffer(OllamaLogprobs(logprobs))
            buffer.writeBuffer(&told)
            logprobs = []
        }
        buffer.writeStaticString(#","done":false}"#)
        buffer.writeStaticString("\n")
    }
}

/// Ollama's time stamps: RFC 3339 in UTC with fraction.
enum OllamaTime {
    /// The current time.
    static func now() -> String {
        text(Date())
    }

    /// A time.
    static func text(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
