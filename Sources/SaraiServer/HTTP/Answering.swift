import HTTPTypes
import Hummingbird
import NIOCore
import SaraiCore
import SaraiPool

/// Turns a generation's events into the bytes of one dialect's stream.
protocol StreamEncoder {
    /// Writes what comes before the first event.
    mutating func start(into buffer: inout ByteBuffer)
    /// Writes an event.
    mutating func write(_ event: GenerationEvent, into buffer: inout ByteBuffer)
    /// Writes the error that ends the stream.
    mutating func write(_ error: PoolError, into buffer: inout ByteBuffer)
}

/// Turns the events of several answers to one request into the bytes of one stream.
protocol ChoiceStreamEncoder {
    /// Writes what comes before the first event.
    mutating func start(into buffer: inout ByteBuffer)
    /// Writes an event of one of the answers.
    mutating func write(_ event: GenerationEvent, of choice: Int, into buffer: inout ByteBuffer)
    /// Writes the error that ends the stream.
    mutating func write(_ error: PoolError, into buffer: inout ByteBuffer)
}

/// Runs generations for clients.
struct Answering: Sendable {
    /// Answers with a stream, once a target has committed to it; until then errors are plain answers.
    ///
    /// - Parameters:
    ///   - generation: the answer.
    ///   - presence: ends the generation when the client leaves.
    ///   - contentType: of the stream.
    ///   - encoder: made for the target that answers.
    /// - Returns: the response, with its body still to come.
    /// - Throws: ``PoolError`` if no target commits to it.
    func stream(
        _ generation: Generation, presence: ClientPresence, contentType: String,
        encoder: (Route) -> some StreamEncoder & Sendable
    ) async throws -> Response {
        try await stream([generation], presence: presence, contentType: contentType) { SingleChoice(encoder($0)) }
    }

    /// Answers with one stream of several answers, as soon as a target has committed to the first; see
    /// ``stream(_:presence:contentType:encoder:)-(Generation,_,_,_)``.
    func stream(
        _ generations: [Generation], presence: ClientPresence, contentType: String,
        encoder: (Route) -> some ChoiceStreamEncoder & Sendable
    ) async throws -> Response {
        let route = try await commit(generations, presence: presence)
        var headers = HTTPFields(route: route)
        headers[.contentType] = contentType
        headers[.cacheControl] = "no-cache"
        let fresh = encoder(route)
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                defer { presence.done() }
                var encoder = fresh
                var buffer = ByteBuffer()
                encoder.start(into: &buffer)
                do {
                    for try await element in ChoiceEvents.merged(generations) {
                        encoder.write(element.event, of: element.choice, into: &buffer)
                        // Some events are only remembered, for a later one to carry.
                        if buffer.readableBytes > 0 {
                            try await writer.write(buffer)
                            buffer = ByteBuffer()
                        }
                    }
                } catch let error as PoolError {
                    generations.forEach { $0.cancel() }
                    encoder.write(error, into: &buffer)
                }
                if buffer.readableBytes > 0 {
                    try await writer.write(buffer)
                }
                try await writer.finish(nil)
            })
    }

    /// Collects a whole answer.
    func collect(_ generation: Generation, presence: ClientPresence) async throws -> (CollectedAnswer, Route) {
        let (answers, route) = try await collect([generation], presence: presence)
        return (answers[0], route)
    }

    /// Collects several answers to one request: as many as there are generations. The route is that of the first.
    func collect(
        _ generations: [Generation], presence: ClientPresence
    ) async throws -> ([CollectedAnswer], Route) {
        defer { presence.done() }
        let route = try await commit(generations, presence: presence)
        var answers: [CollectedAnswer] = []
        do {
            for generation in generations {
                var answer = CollectedAnswer()
                for try await event in generation.events {
                    answer.add(event)
                }
                answers.append(answer)
            }
        } catch {
            generations.forEach { $0.cancel() }
            throw error
        }
        return (answers, route)
    }

    /// Waits for the target of the first answer.
    private func commit(_ generations: [Generation], presence: ClientPresence) async throws -> Route {
        presence.onLeave { generations.forEach { $0.cancel() } }
        guard let first = generations.first else {
            throw PoolError(.invalidRequest, "nothing was asked for")
        }
        do {
            return try await first.route()
        } catch {
            generations.forEach { $0.cancel() }
            throw error
        }
    }
}

/// The stream of a single answer.
private struct SingleChoice<Encoder: StreamEncoder & Sendable>: ChoiceStreamEncoder, Sendable {
    private var encoder: Encoder

    init(_ encoder: Encoder) {
        self.encoder = encoder
    }

    mutating func start(into buffer: inout ByteBuffer) {
        encoder.start(into: &buffer)
    }

    mutating func write(_ event: GenerationEvent, of choice: Int, into buffer: inout ByteBuffer) {
        encoder.write(event, into: &buffer)
    }

    mutating func write(_ error: PoolError, into buffer: inout ByteBuffer) {
        encoder.write(error, into: &buffer)
    }
}

/// An answer as a whole.
struct CollectedAnswer: Sendable {
    var content = ""
    var thinking = ""
    var logprobs: [TokenLogprobs] = []
    var toolCalls: [ToolCall] = []
    var completion = Completion(reason: .stop, usage: Usage())

    /// Adds an event's part.
    mutating func add(_ event: GenerationEvent) {
        switch event {
        case .content(let text): content += text
        case .thinking(let text): thinking += text
        case .logprobs(let tokens): logprobs += tokens
        case .toolCall(let delta): add(delta)
        case .finished(let completion): self.completion = completion
        }
    }

    private mutating func add(_ delta: ToolCallDelta) {
        while toolCalls.count <= min(delta.index, 127) {
            toolCalls.append(ToolCall(id: "call_\(toolCalls.count)", name: "", arguments: ""))
        }
        guard toolCalls.indices.contains(delta.index) else {
            return
        }
        toolCalls[delta.index].id = delta.id ?? toolCalls[delta.index].id
        toolCalls[delta.index].name += delta.name ?? ""
        toolCalls[delta.index].arguments += delta.arguments
    }
}

extension HTTPFields {
    /// The headers that tell which target answered, and why that one.
    init(route: Route) {
        self.init()
        self[.saraiTarget] = "\(route.target)"
        self[.saraiRoute] = route.reason
        if let pipeline = route.pipeline {
            self[.saraiPipeline] = pipeline.headline
        }
    }
}

extension PipelineReport {
    /// The steps before the answer in one line, for a header: `voice; heard=whisper/whisper_native 0.81s; facts=skipped`.
    fileprivate var headline: String {
        let steps = steps.map { step in
            switch step.outcome {
            case .done: "\(step.name)=\(step.by ?? "done") \(step.seconds.formatted(decimals: 2))s"
            case .skipped, .failed: "\(step.name)=\(step.outcome.rawValue)"
            }
        }
        return ([name] + steps).joined(separator: "; ")
    }
}
