package import SaraiMemory

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
    /// How short of memory the machine is: `calm`, `stop_admitting` or `evict`.
    package var pressure: PressureLevel
    /// Who has the processor's cores.
    package var cores: Cores
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
        /// ``predictedBytes`` by kind.
        package var predictedKinds: PredictedKinds?
        /// What its worker was seen to use by kind, after its load or its first full step; `nil` without a worker.
        package var measuredKinds: MeasuredKinds?
        package var inFlight: Int
        package var queued: Int
        /// Who waits, those in front who are served first.
        package var queue: [Waiting]
        package var resident: Bool
        /// Whether it is never unloaded for others.
        package var pinned: Bool
        /// Whether the plan holds memory for the local target, loaded or not.
        package var held: Bool
        /// How the local target is loaded, or will be: `ctx 2048 × 1, kv f16, ub 512, mapped`; `nil` for a remote model.
        package var settings: String?
        /// Tokens of context per slot, as the local target is loaded or will be: the plan may give it less than the
        /// configuration wants. `nil` for a remote model, and before the plan is made.
        package var contextLength: Int?
        /// Seconds until it is unloaded unless somebody uses it; `nil` when it stays.
        package var expiresIn: Double?
        /// What it did since the daemon started.
        package var totals = Totals()

        private enum CodingKeys: String, CodingKey {
            case name, role, state, target, targets, pid, queued, queue, resident, pinned, held, settings, totals
            case contextLength = "context_length"
            case expiresIn = "expires_in"
            case predictedBytes = "predicted_bytes"
            case measuredBytes = "measured_bytes"
            case predictedKinds = "predicted_kinds"
            case measuredKinds = "measured_kinds"
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
            try container.encode(predictedKinds, forKey: .predictedKinds)
            try container.encode(measuredKinds, forKey: .measuredKinds)
            try container.encode(inFlight, forKey: .inFlight)
            try container.encode(queued, forKey: .queued)
            try container.encode(queue, forKey: .queue)
            try container.encode(resident, forKey: .resident)
            try container.encode(pinned, forKey: .pinned)
            try container.encode(held, forKey: .held)
            try container.encode(settings, forKey: .settings)
            try container.encode(contextLength, forKey: .contextLength)
            try container.encode(expiresIn, forKey: .expiresIn)
            try container.encode(totals, forKey: .totals)
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
        /// How a remote target's server does; `nil` for a local one.
        package var server: ServerHealth?
        /// The last trial of a local target while it was not needed; `nil` if there was none.
        package var probe: Probe?

        private enum CodingKeys: String, CodingKey {
            case id, kind, state, reason, progress, pid, capacity, server, probe
            case inFlight = "in_flight"
        }
    }

    /// A model's or a target's state.
    package enum State: String, Codable, CaseIterable, Hashable, Sendable {
        case unloaded, loading, ready, draining, failed
    }

    private enum CodingKeys: String, CodingKey {
        case models, pressure, cores
        case budgetBytes = "budget_bytes"
        case reservedBytes = "reserved_bytes"
        case residentBytes = "resident_bytes"
        case hardBytes = "hard_bytes"
        case machineBytes = "machine_bytes"
        case daemonBytes = "daemon_bytes"
    }
}
