/// Where models come from.
public struct HubConfiguration: Hashable, Sendable {
    /// The base URL of the hub: `https`, or `http` to this machine.
    public var endpoint = "https://huggingface.co"
    /// Sent to the hub, and to no other server. Never logged.
    public var token: Secret?
    /// A file that holds the token; ``token`` goes before it.
    public var tokenFile: String?
    /// Parts of a file that are fetched at the same time, at most.
    public var connections = 4
    /// Whether clients may have models fetched: `POST /api/pull`.
    public var allowsPull = true

    /// The public hub, without a token.
    package init() {}
}
