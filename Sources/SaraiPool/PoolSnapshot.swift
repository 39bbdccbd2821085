/// The pool at one moment, as `GET /api/pool/state` shows it and the command line reads it.
package struct PoolSnapshot: Codable, Hashable, Sendable {
    /// What all models together may use, bytes.
    package var budgetBytes: Int
    /// What the ledger has promised to loaded and loading models, bytes.
    package var reservedBytes: Int
    /// Measured: workers' and the daemon's memory, pages of model files included, bytes (PSS).
    package var residentBytes: Int
    /// Measured: the part of it that the kernel cannot take back, bytes.
    package var hardBytes: Int
    /// The machine's memory, bytes.
    package var machineBytes: Int
    /// The daemon's own part of ``residentBytes``.
    package var daemonBytes: Int
    /// In the order of the configuration.
    package var models: [Model]

    /// A model at one moment.
    package struct Model: Codable, Hashable, Sendable {
        package var name: String
        package var role: String
        package var state: State
        /// The target that would answer now.
        package var target: String
        package var targets: [Target]
        package var pid: Int?
        /// What the local target is expected to use, bytes; `nil` before its file was read.
        package var predictedBytes: Int?
        /// What its worker uses, bytes; 0 without a worker.
        package var measuredBytes: Int
        package var inFlight: Int
        package var queued: Int
        package var resident: Bool

        private enum CodingKeys: String, CodingKey {
            case name, role, state, target, targets, pid, queued, resident
            case predictedBytes = "predicted_bytes"
            case measuredBytes = "measured_bytes"
            case inFlight = "in_flight"
        }

        /// Every member is always there; what does not apply is null.
        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(role, forKey: .role)
            try container.encode(state, forKey: .state)
            try container.encode(target, forKey: .target)
            try container.encode(targets, forKey: .targets)
            try container.encode(pid, forKey: .pid)
            try container.encode(predictedBytes, forKey: .predictedBytes)
            try container.encode(measuredBytes, forKey: .measuredBytes)
            try container.encode(inFlight, forKey: .inFlight)
            try container.encode(queued, forKey: .queued)
            try container.encode(resident, forKey: .resident)
        }
    }

    /// A target at one moment.
    package struct Target: Codable, Hashable, Sendable {
        package var id: String
        package var kind: String
        package var state: State
        /// Why it is in this state, where that needs saying.
        package var reason: String?
        /// The share of a load that is done, 0…1.
        package var progress: Double?
        package var pid: Int?
        package var inFlight: Int
        package var capacity: Int

        private enum CodingKeys: String, CodingKey {
            case id, kind, state, reason, progress, pid, capacity
            case inFlight = "in_flight"
        }
    }

    /// A model's or a target's state.
    package enum State: String, Codable, Hashable, Sendable {
        case unloaded, loading, ready, draining, failed
    }

    private enum CodingKeys: String, CodingKey {
        case models
        case budgetBytes = "budget_bytes"
        case reservedBytes = "reserved_bytes"
        case residentBytes = "resident_bytes"
        case hardBytes = "hard_bytes"
        case machineBytes = "machine_bytes"
        case daemonBytes = "daemon_bytes"
    }
}
