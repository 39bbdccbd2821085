import HTTPTypes
import Hummingbird
import SaraiCore
import SaraiPool

extension Caller {
    /// Who sent a request, and how long they wait.
    ///
    /// Clients are told apart by the header `X-Sarai-Client`, else by their credentials, else by what they call themselves: on one
    /// machine all have the same address. `X-Sarai-Timeout` holds the seconds after which an answer is of no use any more.
    ///
    /// - Throws: ``SaraiCore/PoolError`` if a header makes no sense.
    init(_ request: Request) throws(PoolError) {
        let headers = request.headers
        self.init(name: Self.name(headers), patience: try Self.patience(headers))
    }

    /// The name is shown in the pool's state: short, and never a secret.
    private static func name(_ headers: HTTPFields) -> String {
        if let name = headers[.saraiClient] {
            return String(name.prefix(64))
        }
        if let credentials = headers[.authorization] {
            return "key " + String(UInt32(truncatingIfNeeded: credentials.hashValue), radix: 16)
        }
        return headers[.userAgent].map { String($0.prefix { $0 != " " }.prefix(64)) } ?? ""
    }

    private static func patience(_ headers: HTTPFields) throws(PoolError) -> Duration? {
        guard let text = headers[.saraiTimeout] else {
            return nil
        }
        guard let seconds = Double(text), seconds > 0, seconds <= 86_400 else {
            throw PoolError(.invalidRequest, "X-Sarai-Timeout: expected seconds from 0.001 to 86400, found '\(text)'")
        }
        return .nanoseconds(Int64(seconds * 1e9))
    }
}
