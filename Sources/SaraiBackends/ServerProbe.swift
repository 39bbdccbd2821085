package import AsyncHTTPClient
import SaraiCore

/// Asks a server of the network how it is, once for all the models that are wanted of it.
///
/// Nothing is loaded or run there.
package struct ServerProbe: Sendable {
    /// Which API the server has.
    package enum API: Hashable, Sendable {
        case ollama, openAI
    }

    private let api: API
    private let upstream: UpstreamClient

    /// A probe of one server.
    ///
    /// - Parameters:
    ///   - api: which API it has.
    ///   - client: see ``UpstreamClient/withHTTPClient(connectTimeout:connectionsPerServer:_:)``.
    ///   - url: its base URL.
    ///   - apiKey: sent as a bearer token.
    ///   - trust: whom the server must be vouched for by; `nil` for the machine's authorities.
    package init(_ api: API, client: HTTPClient, url: String, apiKey: String?, trust: ServerTrust? = nil) {
        self.init(api, UpstreamClient(client: client, endpoint: .url(url), bearerToken: apiKey, trust: trust))
    }

    init(_ api: API, _ upstream: UpstreamClient) {
        self.api = api
        self.upstream = upstream
    }

    /// Asks which models the server has, and which of them are loaded.
    ///
    /// - Parameter timeout: for all of it.
    /// - Returns: what it says.
    /// - Throws: ``BackendError`` if it does not say which models it has. What is loaded is only good to know.
    package func check(timeout: Duration) async throws -> ServerHealth {
        async let loaded = loadedModels(timeout: timeout)
        let (models, firstByte) = try await models(timeout: timeout)
        return ServerHealth(models: models, loaded: await loaded, firstByte: firstByte)
    }

    /// Checks that the server has a model.
    ///
    /// - Throws: ``BackendError``, with `modelMissing` if it has not.
    func requireModel(_ model: String, timeout: Duration) async throws {
        guard try await check(timeout: timeout).has(model) else {
            throw BackendError(.modelMissing, "the server has no model '\(model)'")
        }
    }

    private func models(timeout: Duration) async throws -> (names: Set<String>, firstByte: Duration) {
        switch api {
        case .ollama:
            let answer = try await upstream.timedGet("/api/tags", timeout: timeout)
            return (try UpstreamClient.decode(OllamaModels.self, from: answer.body).names, answer.firstByte)
        case .openAI:
            struct Answer: Decodable {
                let data: [Item]

                struct Item: Decodable {
                    let id: String
                }
            }
            let answer = try await upstream.timedGet("/v1/models", timeout: timeout)
            return (Set(try UpstreamClient.decode(Answer.self, from: answer.body).data.map(\.id)), answer.firstByte)
        }
    }

    private func loadedModels(timeout: Duration) async -> Set<String> {
        guard api == .ollama, let answer = try? await upstream.get("/api/ps", timeout: timeout),
            let models = try? UpstreamClient.decode(OllamaModels.self, from: answer)
        else {
            return []
        }
        return models.names
    }

    /// The answer of `/api/tags` and of `/api/ps`.
    private struct OllamaModels: Decodable {
        let models: [Item]

        struct Item: Decodable {
            let name: String
        }

        var names: Set<String> { Set(models.map(\.name)) }
    }
}
