import AsyncHTTPClient
import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiPool

/// Whether the daemon really works: its pool keeps time, and its server answers as any client would find it.
///
/// A timer of its own would go on when everything else hangs.
struct SelfCheck: Sendable {
    private let pool: ModelPool
    private let upstream: UpstreamClient
    private let isEncrypted: Bool
    private let patience: Duration

    /// A check.
    ///
    /// - Parameters:
    ///   - pool: must be running.
    ///   - address: where the server listens.
    ///   - tls: what it proves itself with.
    ///   - client: asks.
    ///   - patience: what an answer may take.
    init(pool: ModelPool, address: ListenAddress, tls: TLSFiles?, client: HTTPClient, patience: Duration) {
        self.pool = pool
        self.patience = patience
        isEncrypted = tls != nil
        upstream = UpstreamClient(
            client: client, endpoint: address.ownEndpoint(isEncrypted: tls != nil),
            trust: tls.map { .itself(file: $0.certificate) })
    }

    /// What is wrong; `nil` if all is well.
    ///
    /// When the pool's lock is never given back, this never returns, which says the same to a watchdog.
    func problem() async -> String? {
        guard pool.keepsTime(within: patience) else {
            return "the pool stands still"
        }
        do {
            _ = try await upstream.get("/health", timeout: patience)
            return nil
        } catch let error as BackendError {
            switch error.code {
            // It may refuse us, but it answers.
            case .rejected, .serverError, .overloaded, .modelMissing: return nil
            // A certificate that has expired is nothing that a new start would change.
            case .brokenOff where isEncrypted: return nil
            default: return "the server does not answer: \(error.message)"
            }
        } catch {
            return "the server was not asked: \(error)"
        }
    }
}

extension ListenAddress {
    /// Where this process itself finds the server that listens here.
    fileprivate func ownEndpoint(isEncrypted: Bool) -> Endpoint {
        let scheme = isEncrypted ? "https" : "http"
        return switch self {
        case .unix(let path): .unixSocket(path)
        case .tcp("0.0.0.0", let port): .url("\(scheme)://127.0.0.1:\(port)")
        case .tcp("::", let port): .url("\(scheme)://[::1]:\(port)")
        case .tcp: .url("\(scheme)://\(self)")
        }
    }
}
