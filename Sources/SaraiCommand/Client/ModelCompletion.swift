import ArgumentParser
import Sarai
import SaraiConfiguration
import SaraiCore
import SaraiPipelines
import SaraiPool

extension CompletionKind {
    /// The models that there are, for shells that complete a word.
    static let model = CompletionKind.custom { _, _, _ in
        await ModelCompletion.names {
            try await $0.state().snapshot.models.map(\.name)
        } configured: {
            $0.models.map(\.name.rawValue)
        }
    }

    /// The models and the pipelines that there are.
    static let answerer = CompletionKind.custom { _, _, _ in
        await ModelCompletion.names {
            try await $0.answerers()
        } configured: { configuration in
            let pipelines = [PipelineName.auto] + configuration.pipelines.map(\.name)
            return configuration.models.map(\.name.rawValue) + pipelines.map { PipelineName.prefix + $0 }
        }
    }
}

/// Knows the names of models before a command is complete.
private enum ModelCompletion {
    /// Nobody who presses a key waits longer.
    private static let patience = Duration.seconds(1)

    /// The names that the daemon at `SARAI_HOST` knows, else the one at the standard address, else the configuration. None where
    /// nobody can tell: a completion never complains.
    static func names(
        served ask: @escaping @Sendable (DaemonClient) async throws -> [String],
        configured: (Configuration) -> [String]
    ) async -> [String] {
        let late = CommandFailure(.unavailable)
        let address = ClientOptions.variable.map(DaemonAddress.init(parsing:)) ?? .standard
        let served = try? await withDeadline(patience, error: late) {
            guard let address else {
                throw late
            }
            return try await DaemonClient.connect(to: address) { try await ask($0) }
        }
        let names = served ?? (try? PoolScope.load(path: nil)).map { configured($0.configuration) } ?? []
        // zsh takes what comes after a colon for a description.
        return CompletionShell.requesting == .zsh ? names.map { $0.replacing(":", with: "\\:") } : names
    }
}
