import SaraiCore

/// One target's values as they are read: those of the short form, or an entry of `targets`. Holds the defaults.
struct TargetDraft: Equatable, Sendable {
    var backend: TargetKind?
    var model: String?
    var servers: [ServerEntry]?
    var apiKey: Secret?
    var apiKeyFile: SecretFile?
    var authorities: String?
    var capacity = 4
    var isSameModel = false

    /// Whether this is meant to be a file on this machine.
    var isLocal: Bool {
        backend?.isLocal == true
    }

    /// Whether this is meant to be a model on servers.
    var isRemote: Bool {
        backend?.isLocal == false
    }

    /// Fills in the defaults that depend on other values.
    mutating func applyDefaults(name: ModelName) {
        if isRemote {
            model = model ?? name.rawValue
        }
        if apiKey?.value.isEmpty == true {
            apiKey = nil
        }
        apiKey = apiKey ?? apiKeyFile?.secret
    }
}

/// One of the servers of a target.
struct ServerEntry: Equatable, Sendable {
    var url: ServerURL
    /// Requests at the same time at most; `nil` is the target's number.
    var capacity: Int?
    /// The server's own key; `nil` is the target's.
    var apiKey: Secret?
    /// What may vouch for the server; `nil` is the target's.
    var authorities: String?
}

/// A file that holds a secret, and what it holds.
struct SecretFile: Equatable, Sendable {
    let path: String
    let secret: Secret
}

/// A server's values where the file writes a mapping.
struct ServerDraft: Sendable {
    var url: ServerURL?
    var capacity: Int?
    var apiKey: Secret?
    var apiKeyFile: SecretFile?
    var authorities: String?
}
