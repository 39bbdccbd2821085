import Foundation
import NIOCore
import NIOFoundationCompat

/// Decides what the mock answers. All that can be written beforehand is.
struct MockRouter: Sendable {
    /// One model in one format, written beforehand.
    private struct Prepared: Sendable {
        let format: MockAnswerFormat
        /// The name as a JSON string.
        let model: String
        let opening: ByteBuffer
        let pieces: [ByteBuffer]
    }

    private struct Key: Hashable {
        let model: String
        let format: MockAnswerFormat
    }

    private let options: MockOptions
    private let text: MockText
    private let prepared: [Key: Prepared]
    private let lists: [String: ByteBuffer]

    /// A router.
    init(_ options: MockOptions) {
        self.options = options
        let text = MockText(count: options.chunks, minimumBytes: options.chunkBytes)
        self.text = text
        var prepared: [Key: Prepared] = [:]
        for name in options.models {
            let model = Self.json(name)
            for format in MockAnswerFormat.allCases {
                prepared[Key(model: name, format: format)] = Prepared(
                    format: format, model: model, opening: ByteBuffer(string: format.opening(model: model)),
                    pieces: text.pieces.map { ByteBuffer(string: format.piece($0, model: model)) })
            }
        }
        self.prepared = prepared
        lists = MockLists.make(models: options.models)
    }

    /// Answers a request.
    ///
    /// - Parameters:
    ///   - method: the method.
    ///   - path: the path without its query.
    ///   - body: the whole body.
    ///   - number: how many POST requests there were before.
    /// - Returns: what to write, and when.
    func reply(to method: String, _ path: String, body: ByteBuffer, number: UInt64) -> MockReply {
        let isOllama = path.hasPrefix("/api/")
        guard method == "POST" else {
            guard let list = lists[path] else {
                return Self.failure(404, "there is no \(method) \(path)", isOllama: isOllama)
            }
            return .whole(.init(body: list))
        }
        switch options.mishap(ofRequest: number) {
        case nil: break
        case .failure: return Self.failure(500, "injected failure", isOllama: isOllama)
        case .overload:
            return Self.failure(
                options.overloadStatus, "injected overload", isOllama: isOllama, retryAfter: options.retryAfter)
        }
        let request: MockRequest
        do {
            request = try JSONDecoder().decode(MockRequest.self, from: body)
        } catch {
            return Self.failure(400, "not a request: \(error)", isOllama: isOllama)
        }
        guard let model = modelName(request.model) else {
            return Self.failure(404, "model '\(request.model)' not found", isOllama: isOllama)
        }
        switch path {
        case "/api/chat": return answer(request, model, .ollamaChat)
        case "/api/generate": return answer(request, model, .ollamaGenerate)
        case "/v1/chat/completions": return answer(request, model, .openAIChat)
        case "/v1/completions": return answer(request, model, .openAICompletion)
        case "/api/embed", "/v1/embeddings":
            let body = MockEmbeddings(request, model: model).body(isOllama: isOllama)
            return .whole(.init(body: body, delay: .milliseconds(Int64(options.timeToFirstToken))))
        default: return Self.failure(404, "there is no POST \(path)", isOllama: isOllama)
        }
    }

    /// The name under which a model is known, also without Ollama's `:latest`.
    private func modelName(_ wanted: String) -> String? {
        options.models.first { $0 == wanted || $0 + ":latest" == wanted || $0 == wanted + ":latest" }
    }

    private func answer(_ request: MockRequest, _ model: String, _ format: MockAnswerFormat) -> MockReply {
        guard let prepared = prepared[Key(model: model, format: format)] else {
            preconditionFailure("every model is prepared in every format")
        }
        let part = text.part(
            from: text.position(in: request.beginning), limit: request.limit, stops: request.stops)
        let reason = part.isCutByLimit ? "length" : "stop"
        let pauses = max(0, part.pieces.count - 1) * options.interval
        let usage = MockAnswerFormat.Usage(
            promptTokens: request.promptTexts.reduce(0) { $0 + $1.split(whereSeparator: \.isWhitespace).count },
            completionTokens: part.pieces.count,
            // Not zero, so that a client can divide by them.
            promptNanoseconds: max(1, options.timeToFirstToken * 1_000_000),
            completionNanoseconds: max(1, pauses * 1_000_000))
        guard request.stream ?? format.isOllama else {
            let body = format.whole(part.pieces.joined(), model: prepared.model, reason: reason, usage: usage)
            let delay = TimeAmount.milliseconds(Int64(options.timeToFirstToken + pauses))
            return .whole(.init(body: ByteBuffer(string: body), delay: delay))
        }
        let pieces = part.pieces.enumerated().map { offset, piece in
            piece == text.pieces[part.first + offset]
                ? prepared.pieces[part.first + offset]
                : ByteBuffer(string: format.piece(piece, model: prepared.model))
        }
        let closing = format.closing(
            model: prepared.model, reason: reason, usage: usage, includesUsage: request.includesUsage)
        return .stream(
            .init(
                contentType: format.streamType, opening: prepared.opening, pieces: pieces,
                closing: ByteBuffer(string: closing)))
    }

    private static func failure(
        _ status: Int, _ message: String, isOllama: Bool, retryAfter: Int? = nil
    ) -> MockReply {
        let text = json(message)
        let body =
            isOllama ? "{\"error\":\(text)}" : "{\"error\":{\"message\":\(text),\"type\":\"mock\",\"code\":\(status)}}"
        return .whole(.init(status: status, retryAfter: retryAfter, body: ByteBuffer(string: body)))
    }

    /// A text as a JSON string.
    private static func json(_ text: String) -> String {
        (try? JSONEncoder().encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}
