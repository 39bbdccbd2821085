import ArgumentParser
import SaraiAccess
import SaraiConfiguration

/// `sarai keys`: the API keys that let clients in.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make, show and revoke API keys.",
        discussion: """
            Where there is a key, a daemon asks every client for one: 'Authorization: Bearer KEY' or 'x-api-key: KEY'. Only \
            the keys' SHA-256 is kept (server.keys_file). A running daemon sees a change with its next request.
            """,
        subcommands: [KeysAddCommand.self, KeysListCommand.self, KeysRevokeCommand.self])

    /// The file of keys: the configuration's, or the usual one where there is no configuration yet.
    static func file(_ source: ConfigurationOptions) throws -> APIKeyFile {
        do throws(ConfigurationError) {
            let server = try source.load().configuration.server
            return APIKeyFile(path: server.keysFile ?? SaraiPaths.current.keys)
        } catch {
            guard source.config == nil, error.problems.map(\.code) == [.fileMissing] else {
                throw error
            }
            return APIKeyFile(path: SaraiPaths.current.keys)
        }
    }
}
