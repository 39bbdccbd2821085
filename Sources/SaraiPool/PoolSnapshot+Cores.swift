import SaraiCore
import SaraiMemory

extension PoolSnapshot {
    /// Who has the processor's cores at one moment.
    package struct Cores: Codable, Hashable, Sendable {
        /// Cores that all workers together may keep busy.
        package var usable: Int
        /// Threads of workers that run; never more than ``usable``.
        package var active: Int
        /// The workers, in the order in which they first had work.
        package var workers: [Worker]

        /// One worker's part.
        package struct Worker: Codable, Hashable, Sendable {
            package var target: String
            /// `resting`, `running`, `running_in_burst` or `paused`.
            package var state: String
            package var threads: Int
            /// What it may have of the cores while all who have work want all of them, 0…1.
            package var entitlement: Double
            /// Core time that it has had, seconds times cores.
            package var usedSeconds: Double

            private enum CodingKeys: String, CodingKey {
                case target, state, threads, entitlement
                case usedSeconds = "used_seconds"
            }
        }
    }
}

extension PoolSnapshot.Cores {
    /// The cores of a ledger.
    init(_ ledger: CoreLedger, now: ContinuousClock.Instant) {
        usable = ledger.cores
        active = ledger.activeThreads
        workers = ledger.shares(now: now).map { share in
            let state =
                switch share.state {
                case .resting: "resting"
                case .running(isInBurst: false): "running"
                case .running(isInBurst: true): "running_in_burst"
                case .paused: "paused"
                }
            return Worker(
                target: "\(share.target)", state: state, threads: share.threads, entitlement: share.entitlement,
                usedSeconds: share.used.seconds)
        }
    }
}
