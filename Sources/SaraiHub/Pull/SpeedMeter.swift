import SaraiCore

/// How fast bytes come, over the last seconds, and how long the rest will take.
package struct SpeedMeter: Sendable {
    /// Older samples are forgotten.
    private static let window = Duration.seconds(10)

    private var samples: [(time: Duration, bytes: Int)] = []

    /// A meter without samples.
    package init() {}

    /// Notes how much is there.
    ///
    /// - Parameters:
    ///   - bytes: all that is there now. Less than before begins anew.
    ///   - time: since some moment that is the same for all samples.
    package mutating func note(_ bytes: Int, at time: Duration) {
        if let last = samples.last, last.bytes > bytes {
            samples = []
        }
        samples.append((time, bytes))
        samples.removeAll { time - $0.time > Self.window }
    }

    /// Bytes in a second; `nil` while that cannot be told.
    package var bytesPerSecond: Double? {
        guard let first = samples.first, let last = samples.last else {
            return nil
        }
        let elapsed = (last.time - first.time).seconds
        return elapsed >= 0.5 ? Double(last.bytes - first.bytes) / elapsed : nil
    }

    /// How long the rest will take at this speed.
    ///
    /// - Parameter total: all that there will be.
    /// - Returns: `nil` while that cannot be told.
    package func timeLeft(of total: Int) -> Duration? {
        guard let speed = bytesPerSecond, speed >= 1, let last = samples.last else {
            return nil
        }
        return .seconds(Double(max(0, total - last.bytes)) / speed)
    }
}
