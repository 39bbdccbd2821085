import ArgumentParser
import Sarai
import SaraiConfiguration
import SaraiCore
import SaraiPool

extension CompletionKind {
    /// The models that there are, for shells that complete a word.
    static let model = CompletionKind.custom { _, _, _ in await ModelCompletion.names() }
}

/// Knows the names of models before a command is complete.
private enum ModelCompletion {
    /// Nobody who presses a key waits longer.
    private static let patience = Duration.seconds(1)

    /// The names of the models of the daemon at `SARAI_HOST`, else of the one at the standard address, else of the configuration.
    /// None where nobody can tell: a completion never complains.
    static func names() async -> [String] {
        let late = CommandFailure(.unavailable)
        let address = ClientOptions.variable.map(DaemonAddress.init(parsing:)) ?? .standard
        let served = try? await withDeadline(patience, error: late) {
            guard let address else {
                throw late
            }
            return try await DaemonClient.connect(to: address) { try await $0.state().snapshot.models.map(\.name) }
        }
        return served ?? (try? PoolScope.load(path: nil))?.configuration.models.map(\.name.rawValue) ?? []
    }
}
