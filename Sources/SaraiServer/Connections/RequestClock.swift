/// How far a connection's current request has come, and which time limit holds.
///
/// A client that sends its request drop by drop holds a connection for next to nothing; this bounds for how long.
struct RequestClock {
    /// What has happened on the connection.
    enum Event {
        /// Bytes have come.
        case bytes
        /// The headers of a request are complete.
        case head
        /// A request is complete.
        case end
    }

    /// What is to be done about the time limits.
    enum Action: Hashable {
        case none
        /// Stop the running one, if any.
        case stop
        /// Stop the running one, if any, and start this one.
        case start(Phase)
    }

    /// What is waited for.
    enum Phase: Hashable, Sendable {
        case headers
        case body
    }

    private var phase: Phase?

    /// Takes note.
    mutating func handle(_ event: Event) -> Action {
        switch (event, phase) {
        case (.bytes, nil):
            phase = .headers
            return .start(.headers)
        case (.bytes, _):
            return .none
        case (.head, _):
            phase = .body
            return .start(.body)
        case (.end, _):
            phase = nil
            return .stop
        }
    }
}
