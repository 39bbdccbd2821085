import Foundation
import NIOCore
import NIOFoundationCompat
import SaraiBackends

/// The models that a server of the network has.
struct ServerCatalogue {
    /// A model, by what the server says of it.
    struct Entry: Hashable {
        /// The name that the server knows it by.
        let id: String
        /// What the name says.
        let name: FileName
        var architecture: String?
        /// Weights.
        var parameters: Double?
        var quantization: String?

        /// A model of which only the name is known.
        init(id: String) {
            self.id = id
            // The tag that means none is no word of the name.
            name = FileName(id.hasSuffix(":latest") ? String(id.dropLast(7)) : id)
            parameters = name.parameters
        }
    }

    /// The server's base URL.
    let url: String
    /// `ollama_http` or `openai_http`.
    let backend: String
    let entries: [Entry]

    private static let patience = Duration.seconds(10)

    /// Asks a server.
    ///
    /// - Parameter text: `http://HOST:PORT`, or `HOST:PORT`; without a port, Ollama's.
    /// - Returns: what it has.
    /// - Throws: ``CommandFailure`` if it is not a server's address, or does not answer.
    static func ask(_ text: String) async throws -> ServerCatalogue {
        let url = try baseURL(text)
        return try await UpstreamClient.withHTTPClient(connectTimeout: .seconds(3), connectionsPerServer: 2) { http in
            let upstream = UpstreamClient(client: http, endpoint: .url(url))
            do {
                do {
                    return try ofOllama(await upstream.get("/api/tags", timeout: patience), url: url)
                } catch let error as BackendError where error.code == .modelMissing || error.code == .malformedAnswer {
                    // No such path: it may speak the other API.
                    return try ofOpenAI(await upstream.get("/v1/models", timeout: patience), url: url)
                }
            } catch let error as BackendError {
                throw CommandFailure(
                    .unavailable,
                    "the server \(url) does not tell its models: \(error.message). Start it, correct --server, or leave it "
                        + "away and add the server to the file later.")
            }
        }
    }

    private static func baseURL(_ text: String) throws -> String {
        let isBare = !text.contains("://")
        guard var parts = URLComponents(string: isBare ? "http://\(text)" : text),
            ["http", "https"].contains(parts.scheme), let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.query == nil
        else {
            throw CommandFailure(.usage, "--server is '\(text)', which is not http://HOST:PORT.")
        }
        if isBare, parts.port == nil {
            parts.port = 11_434
        }
        while parts.path.hasSuffix("/") {
            parts.path.removeLast()
        }
        if parts.path.hasSuffix("/v1") {
            parts.path.removeLast(3)
        }
        return parts.string ?? text
    }

    private static func ofOllama(_ body: ByteBuffer, url: String) throws -> ServerCatalogue {
        struct Answer: Decodable {
            let models: [Model]
        }
        struct Model: Decodable {
            let name: String
            let details: Details?
        }
        struct Details: Decodable {
            let family: String?
            let parameterSize: String?
            let quantizationLevel: String?
        }
        let answer = try decode(Answer.self, body)
        let entries = answer.models.map { model in
            var entry = Entry(id: model.name)
            entry.architecture = model.details?.family.flatMap { $0.isEmpty ? nil : $0 }
            entry.parameters = model.details?.parameterSize.flatMap(FileName.count) ?? entry.parameters
            entry.quantization = model.details?.quantizationLevel.flatMap { $0.isEmpty ? nil : $0 }
            return entry
        }
        return ServerCatalogue(url: url, backend: "ollama_http", entries: entries)
    }

    private static func ofOpenAI(_ body: ByteBuffer, url: String) throws -> ServerCatalogue {
        struct Answer: Decodable {
            let data: [Model]
        }
        struct Model: Decodable {
            let id: String
        }
        let answer = try decode(Answer.self, body)
        return ServerCatalogue(url: url, backend: "openai_http", entries: answer.data.map { Entry(id: $0.id) })
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ body: ByteBuffer) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: body)
        } catch {
            throw BackendError(.malformedAnswer, "the answer is not a list of models")
        }
    }
}
