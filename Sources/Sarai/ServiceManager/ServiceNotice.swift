import SaraiCore

/// What a service tells its manager about itself. Source: sd_notify(3).
enum ServiceNotice: Hashable, Sendable {
    /// It has started, or has reloaded its configuration.
    case ready
    /// It begins to reload its configuration, at this time of the monotonic clock.
    case reloading(at: Duration)
    /// It begins to end, which may take this long.
    case stopping(within: Duration)
    /// How it is, in a sentence for a person.
    case status(String)
    /// It works: the watchdog may wait anew.
    case alive

    /// The assignments that say so, a line each.
    var text: String {
        switch self {
        case .ready: "READY=1"
        case .reloading(let time): "RELOADING=1\nMONOTONIC_USEC=\(Self.microseconds(time))"
        case .stopping(let limit): "STOPPING=1\nEXTEND_TIMEOUT_USEC=\(Self.microseconds(limit))"
        case .status(let sentence): "STATUS=\(sentence.split(whereSeparator: \.isNewline).joined(separator: " "))"
        case .alive: "WATCHDOG=1"
        }
    }

    private static func microseconds(_ duration: Duration) -> Int {
        duration.nanoseconds / 1000
    }
}
