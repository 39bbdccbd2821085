import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import SaraiCore

/// A SearXNG server, and its search API. Source: https://docs.searxng.org/dev/search_api.html.
struct SearXNGServer: Sendable {
    /// Its base URL without a trailing slash.
    let base: String
    /// `host:port`.
    let authority: String

    /// Bytes of an answer at most; a page of results has about 50 kB.
    static let mostBytes = 2 << 20

    /// Reads the server's address.
    ///
    /// - Throws: ``SaraiCore/PoolError`` if it is none.
    init(url: String) throws(PoolError) {
        guard let components = URLComponents(string: url), let scheme = components.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = components.host?.lowercased(), !host.isEmpty,
            components.user == nil, components.password == nil, components.query == nil, components.fragment == nil
        else {
            throw PoolError(
                .unsupported, "'search.url' is not the address of a server, such as 'http://127.0.0.1:8888'")
        }
        authority = "\(host):\(components.port ?? (scheme == "http" ? 80 : 443))"
        base =
            "\(scheme)://\(authority)" + components.percentEncodedPath.split(separator: "/").map { "/" + $0 }.joined()
    }

    /// Asks the server.
    ///
    /// - Parameters:
    ///   - query: what to search for.
    ///   - language: of the results.
    ///   - limit: from now to the end of the answer.
    ///   - client: sends the request.
    /// - Returns: its answer.
    /// - Throws: ``SaraiCore/PoolError``, or `CancellationError`.
    func answer(
        to query: SearchQuery, in language: Language, within limit: Duration, client: HTTPClient
    ) async throws -> SearXNGAnswer {
        let request = request(for: query, in: language)
        do {
            return try await withDeadline(limit, error: late(limit)) {
                let response = try await client.execute(request, timeout: .init(limit))
                guard response.status == .ok else {
                    throw refusal(of: response)
                }
                let body = try await response.body.collect(upTo: Self.mostBytes)
                return try JSONDecoder().decode(SearXNGAnswer.self, from: body)
            }
        } catch {
            if Task.isCancelled {
                throw CancellationError()
            }
            throw failure(of: error, within: limit)
        }
    }

    private func request(for query: SearchQuery, in language: Language) -> HTTPClientRequest {
        let parameters = [
            ("q", query.text), ("format", "json"), ("language", language.rawValue), ("safesearch", "1"),
        ]
        let fields = parameters.map { "\($0)=\($1.formEncoded)" }.joined(separator: "&")
        var request = HTTPClientRequest(url: "\(base)/search?\(fields)")
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: "sarai")
        return request
    }
}

extension String {
    /// The text as a value of a URL's query: everything but RFC 3986's unreserved characters as percent and hexadecimal
    /// digits.
    fileprivate var formEncoded: String {
        utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            let isUnreserved = byte < 128 && (character.isLetter || character.isNumber || "-._~".contains(character))
            return isUnreserved
                ? String(character) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}
