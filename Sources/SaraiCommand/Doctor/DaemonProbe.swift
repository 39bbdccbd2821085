import SaraiBackends

/// Who answers at an address.
enum DaemonProbe {
    case sarai(DaemonView)
    /// It asks for a key that this command line has not got.
    case locked(String)
    case nobody
    case somethingElse

    /// Asks.
    static func probe(_ address: DaemonAddress) async throws -> DaemonProbe {
        try await DaemonClient.connect(to: address) { client in
            do {
                return .sarai(try await DaemonView(client))
            } catch let failure as CommandFailure {
                if failure.isLockedOut {
                    return .locked(failure.message ?? "it asks for an API key")
                }
                return failure.isNobodyThere ? .nobody : .somethingElse
            }
        }
    }

    /// What the daemon says, if one answers.
    var view: DaemonView? {
        if case .sarai(let view) = self {
            return view
        }
        return nil
    }

    /// What that means for whoever wants to use or to start a daemon.
    func checks(at address: DaemonAddress) -> [Check] {
        switch self {
        case .sarai(let view):
            [.ok("daemon", "Sarai \(view.version) answers at \(address)"), .ok("port", "in use by that daemon")]
        case .locked(let reason):
            [
                .warn(
                    "daemon", "Sarai answers at \(address), but not to this command line: \(reason)",
                    advice: "'sarai keys add NAME --save' makes a key for it."),
                .ok("port", "in use by that daemon"),
            ]
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
