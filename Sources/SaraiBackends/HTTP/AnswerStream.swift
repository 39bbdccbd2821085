import AsyncHTTPClient
import NIOCore
import SaraiCore

/// Turns the documents of a streamed answer into events.
protocol AnswerReader {
    /// One document of the stream.
    associatedtype Document: Decodable

    /// The events that a document stands for, in order, without the last one.
    mutating func read(_ document: Document) -> [GenerationEvent]

    /// How the answer ended; `nil` as long as the model has not said why it stopped.
    var completion: Completion? { get }

    /// Whether nothing more can come.
    var isOver: Bool { get }
}

/// Reads one streamed answer: the one way from bytes to events.
struct AnswerStream<Reader: AnswerReader> {
    private var reader: Reader
    private let framing: LineFraming
    private let watchdog: StallWatchdog
    private let emit: (GenerationEvent) -> Void
    /// Whether probabilities were asked for, and none have come yet.
    private var awaitsLogprobs: Bool
    private var lines = LineSplitter()
    private var hasEmittedLast = false

    /// A stream that has not begun.
    ///
    /// - Parameters:
    ///   - reader: makes events of documents.
    ///   - framing: how documents are framed.
    ///   - watchdog: told of each event. Bytes that make none are no sign of life.
    ///   - needsLogprobs: whether text without the probabilities of its tokens is no answer.
    ///   - emit: called for each event, in order.
    init(
        _ reader: Reader, framing: LineFraming, watchdog: StallWatchdog, needsLogprobs: Bool = false,
        emit: @escaping (GenerationEvent) -> Void
    ) {
        awaitsLogprobs = needsLogprobs
        self.reader = reader
        self.framing = framing
        self.watchdog = watchdog
        self.emit = emit
    }

    /// Reads `body` to its end. The last event is ``GenerationEvent/finished(_:)``.
    ///
    /// - Throws: ``BackendError``: `malformedAnswer` for a document that is none, `serverError` for an error in the stream,
    ///   `brokenOff` if it ends too early. Once the model has said why it stopped, the answer is complete, and nothing
    ///   that goes wrong after that is of interest.
    mutating func read(_ body: HTTPClientResponse.Body) async throws {
        do {
            try await UpstreamClient.translatingErrors {
                for try await piece in body where !hasEmittedLast {
                    lines.append(piece)
                    while !hasEmittedLast, let line = try lines.next() {
                        try read(line)
                    }
                }
            }
            try readRest()
        } catch {
            guard reader.completion != nil else {
                throw error
            }
        }
        try finish()
    }

    private mutating func read(_ line: ByteBuffer) throws {
        switch try framing.payload(of: line) {
        case nil: break
        case .end: try finish()
        case .document(let document):
            let events = reader.read(try Self.decode(document))
            try checkLogprobs(in: events)
            if !events.isEmpty {
                watchdog.touch()
            }
            events.forEach(emit)
            if reader.isOver {
                try finish()
            } else if reader.completion != nil {
                watchdog.expectEnd()
            }
        }
    }

    /// A server that does not know them leaves them out; that must not go unseen, and shows before anything was sent.
    private mutating func checkLogprobs(in events: [GenerationEvent]) throws(BackendError) {
        guard awaitsLogprobs else {
            return
        }
        for event in events {
            switch event {
            case .logprobs:
                awaitsLogprobs = false
                return
            case .content:
                throw BackendError(.unsupported, "the server does not tell the probabilities of tokens (logprobs)")
            case .thinking, .toolCall, .finished: break
            }
        }
    }

    /// Reads a last line that lacks its end. It counts if it is whole; half a line is what a lost connection leaves.
    private mutating func readRest() throws {
        do {
            try read(lines.rest)
        } catch let error as BackendError where error.code == .malformedAnswer {
            try finish()
        }
    }

    private mutating func finish() throws {
        guard !hasEmittedLast else {
            return
        }
        guard let completion = reader.completion else {
            throw BackendError(.brokenOff, "the stream ended before the answer was complete")
        }
        hasEmittedLast = true
        watchdog.expectEnd()
        emit(.finished(completion))
    }

    private static func decode(_ bytes: ByteBuffer) throws -> Reader.Document {
        if let document = try? bytes.decodeJSON(Reader.Document.self) {
            return document
        }
        if let text = ServerErrorMessage.read(bytes) {
            throw BackendError(.serverError(500), text)
        }
        throw BackendError(.malformedAnswer, "not a valid message: \(String(buffer: bytes).prefix(120))")
    }
}
