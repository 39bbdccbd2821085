import SaraiBackends

/// Who answers at an address.
enum DaemonProbe {
    case sarai(version: String)
    case nobody
    case somethingElse

    /// Asks.
    static func probe(_ address: DaemonAddress) async throws -> DaemonProbe {
        try await DaemonClient.connect(to: address) { client in
            do {
                _ = try await client.state()
                return .sarai(version: try await client.version())
            } catch let failure as CommandFailure {
                return failure.isNobodyThere ? .nobody : .somethingElse
            }
        }
    }

    /// Whether a daemon answers.
    var isSarai: Bool {
        if case .sarai = self {
            return true
        }
        return false
    }

    /// What that means for whoever wants to use or to start a daemon.
    func checks(at address: DaemonAddress) -> [Check] {
        switch self {
        case .sarai(let version):
            [.ok("daemon", "Sarai \(version) answers at \(address)"), .ok("port", "in use by that daemon")]
        case .nobody:
            [.ok("daemon", "none is running; 'sarai serve' starts one"), .ok("port", "\(address) is free")]
        case .somethingElse:
            [
                .warn("daemon", "none is running at \(address)"),
                .fail(
                    "port", "another program answers at \(address)",
                    advice: "End it, or choose another address with --listen or server.listen."),
            ]
        }
    }
}
