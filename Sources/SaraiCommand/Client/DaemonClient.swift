import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import SaraiBackends
import SaraiCore
import SaraiPipelines
import SaraiPool

/// Talks to a running daemon. All errors are ``CommandFailure`` with the daemon's own message.
struct DaemonClient {
    /// Where the daemon is.
    let address: DaemonAddress
    /// Speaks HTTP to it.
    let http: HTTPClient
    private let upstream: UpstreamClient
    private let apiKey: String?

    /// The daemon keeps the time limits; the command line only must not be the first to give up.
    private static let patience = Duration.seconds(24 * 3600)

    /// Runs `body` with a client.
    static func connect<Result>(
        to address: DaemonAddress, _ body: (DaemonClient) async throws -> Result
    ) async throws -> Result {
        let key = try ClientKey.find(for: address)
        return try await UpstreamClient.withHTTPClient(
            connectTimeout: .seconds(5), connectionsPerServer: 256, trust: address.trust
        ) { http in
            let upstream = UpstreamClient(client: http, endpoint: address.endpoint, bearerToken: key)
            return try await body(DaemonClient(address: address, http: http, upstream: upstream, apiKey: key))
        }
    }

    /// A request to the daemon for a path, with this client's key.
    func makeRequest(_ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: address.url(of: path))
        if let apiKey {
            request.headers.add(name: "Authorization", value: "Bearer \(apiKey)")
        }
        return request
    }

    /// The pool's state: decoded, and as the daemon tells it.
    func state() async throws -> (snapshot: PoolSnapshot, json: JSONValue) {
        let body: ByteBuffer
        do {
            body = try await upstream.get("/api/pool/state", timeout: .seconds(10))
        } catch let error as BackendError {
            throw error.code == .modelMissing
                ? CommandFailure(.unavailable, "what answers at \(address) is a server, but not Sarai.")
                : CommandFailure(error, from: address)
        }
        return (try decode(PoolSnapshot.self, body), try decode(JSONValue.self, body))
    }

    /// The names of whoever answers: all models, and the pipelines.
    func answerers() async throws -> [String] {
        struct List: Decodable {
            struct Entry: Decodable {
                let id: String
            }
            let data: [Entry]
        }
        let body = try await translating { try await upstream.get("/v1/models", timeout: .seconds(10)) }
        return try decode(List.self, body).data.map(\.id)
    }

    /// The daemon's version.
    func version() async throws -> String {
        let body = try await translating { try await upstream.get("/api/version", timeout: .seconds(10)) }
        return try decode([String: String].self, body)["version"] ?? "unknown"
    }

    /// What the daemon has counted and measured, in Prometheus's text format.
    func metrics() async throws -> String {
        let body = try await translating { try await upstream.get("/metrics", timeout: .seconds(10)) }
        return String(buffer: body)
    }

    /// What the daemon says of a model that it loaded.
    struct Loaded: Codable {
        let model: String
        let target: String
    }

    /// Loads a model; returns when it is ready.
    ///
    /// - Parameters:
    ///   - model: its name.
    ///   - locally: whether the file on the daemon's machine is meant, also where a server is preferred.
    /// - Returns: the target that answers next.
    /// - Throws: ``CommandFailure``.
    func load(_ model: String, locally: Bool = false) async throws -> Loaded {
        let body = JSONValue.object(["model": .string(model), "local": .bool(locally)])
        return try await post("/api/pool/load", body, as: Loaded.self).answer
    }

    /// Unloads a model; its worker ends when its last request is done.
    func unload(_ model: String, locally: Bool = false) async throws {
        let body = JSONValue.object(["model": .string(model), "local": .bool(locally)])
        _ = try await post("/api/pool/unload", body, as: JSONValue.self)
    }

    /// What the daemon says of a model that was pinned or unpinned.
    struct Pinned: Codable {
        let model: String
        let pinned: Bool
    }

    /// Protects a model from being unloaded for others, or no longer.
    func setPinned(_ model: String, _ isPinned: Bool) async throws -> Pinned {
        let path = isPinned ? "/api/pool/pin" : "/api/pool/unpin"
        return try await post(path, JSONValue.object(["model": .string(model)]), as: Pinned.self).answer
    }

    /// Asks a model.
    ///
    /// - Parameters:
    ///   - request: the conversation and how to answer it.
    ///   - model: its name.
    ///   - asksWho: whether to find out also who went on with the answer, if the one that began it broke off.
    ///   - onEvent: called for each piece of the answer as it comes.
    /// - Returns: the whole answer.
    /// - Throws: ``CommandFailure``.
    func generate(
        _ request: GenerationRequest, model: String, asksWho: Bool = false,
        onEvent: @escaping @Sendable (GenerationEvent) -> Void = { _ in }
    ) async throws -> Answer {
        var answer = try await translating {
            let recorder = AnswerRecorder()
            let backend = OpenAIBackend(
                client: http, endpoint: address.endpoint, model: model, apiKey: apiKey,
                limits: BackendLimits(firstToken: Self.patience, stall: Self.patience),
                onHeaders: { recorder.record(AnsweredBy($0)) })
            try await backend.generate(request) { event in
                recorder.record(event)
                onEvent(event)
            }
            return recorder.answer
        }
        if asksWho, let request = answer.request {
            // The answer is whole without it.
            answer.resumptions = (try? await resumptions(of: request)) ?? []
        }
        return answer
    }

    /// Computes the embedding of a text.
    func embed(_ text: String, model: String) async throws -> (by: AnsweredBy, tokens: Int) {
        struct Answer: Decodable {
            let usage: [String: Int]
        }
        let body = JSONValue.object(["model": .string(model), "input": .string(text)])
        let (answer, by) = try await post("/v1/embeddings", body, as: Answer.self)
        return (by, answer.usage["prompt_tokens"] ?? 0)
    }

    /// Asks the router about a text.
    func route(_ text: String) async throws -> RouteAnswer {
        try await post("/api/pool/route", JSONValue.object(["text": .string(text)]), as: RouteAnswer.self).answer
    }

    private func post<Value: Decodable>(
        _ path: String, _ body: JSONValue, as type: Value.Type
    ) async throws -> (answer: Value, by: AnsweredBy) {
        let json = try JSONEncoder().encodeAsByteBuffer(body, allocator: .init())
        let (bytes, by) = try await translating {
            let response = try await upstream.post(path, json: json, timeout: Self.patience)
            return (try await response.body.collect(upTo: 64 << 20), AnsweredBy(response.headers))
        }
        return (try decode(type, bytes), by)
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ body: ByteBuffer) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: body)
        } catch {
            throw CommandFailure(.failed, "what answers at \(address) does not speak as this version of Sarai does.")
        }
    }

    /// Runs `body` and turns the errors of requests into ``CommandFailure``.
    func translating<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await UpstreamClient.translatingErrors(body)
        } catch let error as BackendError {
            throw CommandFailure(error, from: address)
        }
    }
}

/// Which target answered, from the headers of an answer.
struct AnsweredBy {
    /// The request's id, by which events name it.
    let request: String?
    /// The target's id: `solar/ollama_http@10.0.0.7:11434`.
    let target: String?
    /// `preferred`, or why it was not the preferred one.
    let route: String?

    /// Reads the headers.
    init(_ headers: HTTPHeaders) {
        request = headers.first(name: RequestID.header)
        target = headers.first(name: "X-Sarai-Target")
        route = headers.first(name: "X-Sarai-Route")
    }
}
