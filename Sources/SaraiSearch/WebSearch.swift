package import AsyncHTTPClient
import Foundation
package import Logging
package import SaraiConfiguration
package import SaraiCore

/// Searches the web through a SearXNG server, and keeps what it found for a while.
///
/// Nothing leaves the machine unless the configuration names a server; then the query goes to that server, and to
/// nobody else: the pages that it finds are not fetched.
package final class WebSearch: Sendable {
    private let client: HTTPClient
    private let cache: SearchCache?
    private let logger: Logger
    /// Searches that are being made. The configuration is part of the key: it says to whom they go, and for how long.
    let flights = SingleFlight<Flight, FoundResults>()

    /// What makes two searches the same.
    struct Flight: Hashable {
        let key: SearchKey
        let configuration: SearchConfiguration
    }

    /// Makes a client.
    ///
    /// - Parameters:
    ///   - client: must not follow redirects, which would take queries to servers that nobody configured.
    ///   - cachePath: the file of the cache, made when it is first needed; `nil` keeps nothing.
    ///   - logger: told of a cache that cannot be used. Queries are in what it gets at level `debug` only.
    package convenience init(client: HTTPClient, cachePath: String?, logger: Logger) {
        self.init(client: client, cachePath: cachePath, logger: logger) { Date() }
    }

    /// Makes a client with a clock of its own.
    init(client: HTTPClient, cachePath: String?, logger: Logger, now: @escaping @Sendable () -> Date) {
        self.client = client
        self.logger = logger
        cache = cachePath.map { SearchCache(path: $0, logger: logger, now: now) }
    }

    /// Searches the web. Those who search for the same at the same time share one request.
    ///
    /// - Parameters:
    ///   - text: what to search for; ``SearchQuery`` is what is made of it.
    ///   - language: of the results.
    ///   - configuration: which server, how long, how many results, and what is kept.
    /// - Returns: what was found, which may be nothing.
    /// - Throws: ``SaraiCore/PoolError`` if no server is configured, there is nothing to search for, or the server
    ///   fails; `CancellationError`.
    package func search(
        _ text: String, language: Language, _ configuration: SearchConfiguration
    ) async throws -> FoundResults {
        guard let url = configuration.url else {
            throw PoolError(
                .unsupported,
                "searching the web is off: set 'search.url' to the address of a SearXNG server (docs/search.md)")
        }
        let server = try SearXNGServer(url: url)
        guard let query = SearchQuery(text) else {
            throw PoolError(.invalidRequest, "there is nothing to search for: the query is empty")
        }
        let key = SearchKey(server: server.base, language: language, query: query.folded)
        return try await flights.run(Flight(key: key, configuration: configuration)) { [self] in
            try await find(query, key, server, configuration)
        }
    }

    private func find(
        _ query: SearchQuery, _ key: SearchKey, _ server: SearXNGServer, _ configuration: SearchConfiguration
    ) async throws -> FoundResults {
        let cache = configuration.cacheTime > .zero ? cache : nil
        if cache == nil {
            try await self.cache?.forgetAll()
        }
        if let known = try await cache?.results(for: key, maximumAge: configuration.cacheTime) {
            return found(known, query, server, configuration, isFromCache: true)
        }
        let answer = try await server.answer(to: query, in: key.language, within: configuration.timeout, client: client)
        let results = answer.usableResults
        if results.isEmpty {
            try server.checkEngines(of: answer)
        } else {
            try await cache?.store(results, for: key, configuration)
        }
        return found(results, query, server, configuration, isFromCache: false)
    }

    private func found(
        _ results: [SearchResult], _ query: SearchQuery, _ server: SearXNGServer, _ configuration: SearchConfiguration,
        isFromCache: Bool
    ) -> FoundResults {
        let found = FoundResults(
            results: results.fittingPrompt(atMost: configuration.results), query: query.text, server: server.authority,
            isFromCache: isFromCache)
        logger.debug(
            "web searched",
            metadata: [
                "server": "\(found.server)", "query": "\(found.query)", "count": "\(found.results.count)",
                "cached": "\(isFromCache)",
            ])
        return found
    }
}
