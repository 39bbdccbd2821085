import SaraiBackends
import SaraiConfiguration
import SaraiCore

/// How a remote target does.
struct RemoteState: Sendable {
    /// A moment of the monotonic clock.
    typealias Instant = ContinuousClock.Instant

    /// The server that it is on.
    let server: Server
    /// Whether requests may go there.
    var breaker: Breaker
    /// Until then the server asked to be left alone: it is well, and has too much to do.
    var restsUntil: Instant?
    /// How often in a row it asked for that.
    var rests = 0
    /// Whether the server has the model in memory, as far as it tells.
    var isLoaded = false
    /// What the last health check took until the answer began.
    var latency: Duration?

    /// A target of which nothing bad is known.
    init(_ target: RemoteTargetConfiguration, policy: BreakerPolicy, run: Int = 0, now: Instant) {
        server = Server(target)
        breaker = Breaker(policy: policy, run: run, now: now)
    }

    /// Whether it asked to be left alone.
    func isResting(now: Instant) -> Bool {
        restsUntil.map { $0 > now } ?? false
    }

    /// Notes that the server has too much to do.
    ///
    /// - Parameters:
    ///   - wait: how long it asks to be left alone; `nil` if it does not say.
    ///   - random: from 0..<1, so that those who were sent away do not come back together.
    ///   - now: the time.
    mutating func rest(for wait: Duration?, random: Double, now: Instant) {
        let backoff = Backoff(base: wait.map { $0 / 2 } ?? Backoff().base)
        restsUntil = now + (wait ?? .zero) + backoff.delay(attempt: wait == nil ? rests : 0, random: random)
        rests += 1
    }
}

/// A server of the network, as it is asked for its health: one question for all targets that are on it.
struct Server: Hashable, Sendable {
    /// Which API it speaks.
    let kind: TargetKind
    /// Its base URL.
    let url: String
    /// Sent as a bearer token.
    let apiKey: Secret?
    /// Absolute path of the certificates that may vouch for it; `nil` for the machine's.
    let authorities: String?

    /// The API as a probe knows it.
    var api: ServerProbe.API { kind == .ollama ? .ollama : .openAI }

    /// The server of a target.
    init(_ target: RemoteTargetConfiguration) {
        kind = target.id.kind
        url = target.url
        apiKey = target.apiKey
        authorities = target.authorities
    }
}
