import SaraiCore

extension PoolSnapshot {
    /// A request that waits.
    package struct Waiting: Codable, Hashable, Sendable {
        /// Whose it is, as far as clients are told apart.
        package var client: String
        /// 1 for the one that is served next.
        package var position: Int
        package var waitedSeconds: Double
        /// What it waits for; `nil` when that has just become free.
        package var target: String?

        private enum CodingKeys: String, CodingKey {
            case client, position, target
            case waitedSeconds = "waited_seconds"
        }
    }

    /// How a remote target's server does.
    package struct ServerHealth: Codable, Hashable, Sendable {
        /// `closed` (well), `open` (left alone), `half_open` (the next request tries it), `recovering` (well again, and gets
        /// ever more requests).
        package var breaker: String
        /// How long it has been so.
        package var sinceSeconds: Double
        /// How long it will be so at least, where that is known.
        package var forSeconds: Double?
        /// The latest thing that went wrong, also long ago.
        package var lastError: String?
        package var lastErrorAgoSeconds: Double?
        /// Ejections in a row.
        package var ejections: Int
        /// How much longer it asked to be left alone because it has too much to do.
        package var restsForSeconds: Double?
        /// Whether it has the model in memory, as far as it tells.
        package var isLoaded: Bool
        /// What the last health check took until the answer began.
        package var firstByteSeconds: Double?

        /// What is known of a remote target.
        init(_ remote: RemoteState, now: ContinuousClock.Instant) {
            let report = remote.breaker.report(now: now)
            breaker = report.name.rawValue
            sinceSeconds = report.since.duration(to: now).seconds
            forSeconds = report.until.map { max(0, now.duration(to: $0).seconds) }
            lastError = report.lastError?.reason
            lastErrorAgoSeconds = report.lastError.map { $0.at.duration(to: now).seconds }
            ejections = report.ejections
            restsForSeconds = remote.isResting(now: now) ? remote.restsUntil.map { now.duration(to: $0).seconds } : nil
            isLoaded = remote.isLoaded
            firstByteSeconds = remote.latency?.seconds
        }

        private enum CodingKeys: String, CodingKey {
            case breaker, ejections
            case sinceSeconds = "since_seconds"
            case forSeconds = "for_seconds"
            case lastError = "last_error"
            case lastErrorAgoSeconds = "last_error_ago_seconds"
            case restsForSeconds = "rests_for_seconds"
            case isLoaded = "is_loaded"
            case firstByteSeconds = "first_byte_seconds"
        }
    }

    /// A trial of a twin while it was not needed.
    package struct Probe: Codable, Hashable, Sendable {
        package var agoSeconds: Double
        package var seconds: Double
        /// Why it failed; `nil` if all was well.
        package var failure: String?

        /// A trial.
        init(_ probe: SelfProbe, now: ContinuousClock.Instant) {
            agoSeconds = probe.at.duration(to: now).seconds
            seconds = probe.took.seconds
            failure = probe.failure
        }

        private enum CodingKeys: String, CodingKey {
            case seconds, failure
            case agoSeconds = "ago_seconds"
        }
    }
}
