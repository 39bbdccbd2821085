import SaraiBackends
import SaraiCore

/// Whether one of the connections of a download tries again, and when.
struct RetrySchedule: Hashable, Sendable {
    /// Failures in a row, without anything to show for, after which a download is given up.
    static let limit = 8
    /// Bytes that must have arrived for a failure to be the first again: a server that sends a little and breaks off, each
    /// time, must not keep a download going for ever.
    static let progress = 256 << 10

    private let backoff = Backoff(base: .milliseconds(250), cap: .seconds(20))
    private var failures = 0

    /// How long to wait before the next attempt.
    ///
    /// - Parameters:
    ///   - error: what has failed.
    ///   - received: bytes that arrived before.
    ///   - random: a number drawn evenly from 0..<1.
    /// - Returns: `nil` to give up.
    mutating func delay(after error: BackendError, received: Int, random: Double) -> Duration? {
        guard error.isTransient else {
            return nil
        }
        failures = received >= Self.progress ? 1 : failures + 1
        guard failures < Self.limit else {
            return nil
        }
        return max(backoff.delay(attempt: failures - 1, random: random), error.retryAfter ?? .zero)
    }
}

extension BackendError {
    /// Whether the same request may succeed later.
    fileprivate var isTransient: Bool {
        switch code {
        case .unreachable, .firstTokenTimeout, .stalled, .brokenOff, .serverError, .overloaded: true
        case .modelMissing, .outOfMemory, .malformedAnswer, .rejected, .unsupported: false
        }
    }
}
