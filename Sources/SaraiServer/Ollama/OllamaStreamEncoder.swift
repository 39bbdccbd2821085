import Foundation
import NIOCore
import SaraiCore
import SaraiPool

/// Writes an answer as Ollama's lines of JSON.
struct OllamaStreamEncoder: StreamEncoder {
    typealias Kind = OllamaGenerationRequest.Kind

    private let kind: Kind
    private let model: String
    private let started: ContinuousClock.Instant
    private let route: Route
    /// The conversation that is answered, for clients that are given it back.
    private let context: OllamaContext?
    /// What the end of the stream needs of the answer: its calls and, for the conversation, its text.
    private var answer = CollectedAnswer()
    /// Probabilities of tokens that the next piece of text will carry.
    private var logprobs: [TokenLogprobs] = []

    /// An encoder for one answer.
    ///
    /// - Parameters:
    ///   - kind: the endpoint.
    ///   - model: the model's name as the client wrote it.
    ///   - started: when the request came.
    ///   - route: the target that answers.
    ///   - context: the conversation, if the client is to have it; `nil` otherwise.
    init(
        kind: Kind, model: String, started: ContinuousClock.Instant, route: Route, context: OllamaContext? = nil
    ) {
        self.kind = kind
        self.model = model
        self.started = started
        self.route = route
        self.context = context
    }

    mutating func start(into buffer: inout ByteBuffer) {}

    mutating func write(_ event: GenerationEvent, into buffer: inout ByteBuffer) {
        switch event {
        case .content(let text):
            if context != nil {
                answer.add(event)
            }
            writePiece(text, thinking: nil, into: &buffer)
        case .thinking(let text):
            writePiece("", thinking: text, into: &buffer)
        case .logprobs(let tokens):
            logprobs += tokens
        case .toolCall:
            // This dialect has calls whole, so they are kept until the end.
            answer.add(event)
        case .finished:
            answer.add(event)
            finish(into: &buffer)
        }
    }

    private func finish(into buffer: inout ByteBuffer) {
        if !answer.wholeCalls.isEmpty {
            var calls = CollectedAnswer()
            calls.toolCalls = answer.toolCalls
            calls.completion = answer.completion
            write(OllamaAnswer(kind: kind, model: model, answer: calls, metrics: nil), into: &buffer)
        }
        var rest = CollectedAnswer()
        rest.logprobs = logprobs
        write(
            OllamaAnswer(
                kind: kind, model: model, answer: rest,
                metrics: OllamaMetrics(answer, route: route, total: started.duration(to: .now)),
                context: context?.numbers(answeredBy: answer.content)),
            into: &buffer)
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
