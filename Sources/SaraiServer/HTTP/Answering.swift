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
        presence.onLeave { generation.cancel() }
        let route = try await generation.route()
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
                    for try await event in generation.events {
                        encoder.write(event, into: &buffer)
                        // Some events are only remembered, for a later one to carry.
                        if buffer.readableBytes > 0 {
                            try await writer.write(buffer)
                            buffer = ByteBuffer()
                        }
                    }
                } catch let error as PoolError {
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
        presence.onLeave { generation.cancel() }
        defer { presence.done() }
        let route = try await generation.route()
        var answer = CollectedAnswer()
        for try await event in generation.events {
            answer.add(event)
        }
        return (answer, route)
    }
}

/// An answer as a whole.
struct CollectedAnswer: Sendable {
    var content = ""
    var thinking = ""
    var toolCalls: [ToolCall] = []
    var completion = Completion(reason: .stop, usage: Usage())

    /// Adds an event's part.
    mutating func add(_ event: GenerationEvent) {
        switch event {
        case .content(let text): content += text
        case .thinking(let text): thinking += text
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
