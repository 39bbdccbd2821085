import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import SaraiCore

extension SearXNGServer {
    /// What a status other than 200 means.
    func refusal(of response: HTTPClientResponse) -> PoolError {
        let status = response.status.code
        let cause =
            switch status {
            case 403:
                "refuses to answer in JSON (status 403): enable the json format in SearXNG's settings.yml "
                    + "(search.formats)"
            case 429:
                "refuses because of too many requests (status 429): its limiter takes every program for a robot; "
                    + "turn it off for this server in SearXNG's settings.yml (server.limiter: false), or search less"
            case 404:
                "has no search (status 404): is 'search.url' the base address of a SearXNG server?"
            case 300..<400:
                "redirects (status \(status)), which is not followed: set 'search.url' to where the server really is"
            case 500...:
                "failed (status \(status)): its log says why"
            default:
                "refuses the search (status \(status))"
            }
        return PoolError(.badGateway, "the search server \(authority) \(cause)")
    }

    /// What an error on the way means.
    ///
    /// - Parameters:
    ///   - error: as it was thrown.
    ///   - limit: the time that the search had.
    /// - Returns: the error for clients.
    func failure(of error: any Error, within limit: Duration) -> PoolError {
        switch error {
        case let error as PoolError:
            return error
        case let error as HTTPClientError where error == .deadlineExceeded:
            return late(limit)
        case is NIOTooManyBytesError:
            return PoolError(
                .badGateway,
                "the search server \(authority) answered with more than \(MemorySize(bytes: Self.mostBytes))")
        case is DecodingError:
            return PoolError(
                .badGateway,
                "the search server \(authority) did not answer with search results in JSON: is 'search.url' the base "
                    + "address of a SearXNG server?")
        default:
            return PoolError(
                .badGateway, "the connection to the search server \(authority) failed: \(Self.reason(for: error))")
        }
    }

    /// Tells an answer without results from one that says why.
    ///
    /// - Throws: ``SaraiCore/PoolError`` if engines were asked in vain.
    func checkEngines(of answer: SearXNGAnswer) throws(PoolError) {
        guard !answer.silentEngines.isEmpty else {
            return
        }
        let engines = UntrustedText(answer.silentEngines.joined(separator: ", "), limit: 200).line
        throw PoolError(
            .badGateway,
            "the search server \(authority) found nothing, and some of its engines did not answer: \(engines)")
    }

    func late(_ limit: Duration) -> PoolError {
        PoolError(
            .timedOut,
            "the search server \(authority) did not answer within \(limit.seconds.formatted(decimals: 1)) s "
                + "(search.timeout)")
    }

    /// The system's own words for an error, where it has any.
    private static func reason(for error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { reason(for: $0.error) } ?? "no address for this name"
        case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
        default: "\(error)"
        }
    }
}
