/// When a server is left alone, and how it comes back.
public struct FailoverConfiguration: Hashable, Sendable {
    /// Failed requests in a row after which a server is left alone. One that cannot be reached is left alone at once.
    public var ejectAfter = 3
    /// How long a server is left alone the first time; twice as long each further time.
    public var ejection = Duration.seconds(1)
    /// How long a server is left alone at most.
    public var maxEjection = Duration.seconds(60)
    /// The time over which a server that has come back gets its full share of requests again.
    public var slowStart = Duration.seconds(10)
    /// How often an idle, loaded twin is asked for one token, to see that it works.
    public var selfProbe = SelfProbe.every(.seconds(600))
    /// Attempts beyond the first that may run at the same time, as a share of the running requests. Three always may.
    public var retryShare = 0.2

    /// How often something is tried out.
    public enum SelfProbe: Hashable, Sendable {
        case never
        case every(Duration)
    }
}
