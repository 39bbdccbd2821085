/// How long a backend waits for a target.
package struct BackendLimits: Hashable, Sendable {
    /// From the request to the first token; it covers the evaluation of the prompt.
    package var firstToken: Duration
    /// Between two tokens.
    package var stall: Duration
    /// For a health check's answer.
    package var health: Duration

    /// Limits.
    package init(firstToken: Duration, stall: Duration, health: Duration = .seconds(2)) {
        self.firstToken = firstToken
        self.stall = stall
        self.health = health
    }
}
