import SaraiBackends
import SaraiConfiguration
package import SaraiCore

/// Loading and unloading by themselves.
extension ModelPool {
    /// Makes a model available: a local target that would answer next is loaded, a server that loads models by itself is told
    /// to, another one is found up.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - locally: whether the local twin is meant, also where a server is preferred.
    ///   - keepAlive: how long it is to stay loaded when nobody uses it; `nil` is as configured, or as the server does.
    ///   - caller: who asks.
    /// - Returns: the target that would answer.
    /// - Throws: ``PoolError``.
    package func load(
        _ model: ModelName, locally: Bool = false, keepAlive: KeepAlive? = nil, caller: Caller = Caller()
    ) async throws -> Route {
        var excluded: [TargetID: Exclusion] = [:]
        if locally {
            for target in servers(of: model) {
                excluded[target] = Exclusion(
                    reason: "local asked for", message: "is remote, and a local load was asked for",
                    isUnsupported: true)
            }
        }
        return try await load(model, excluding: excluded, keepAlive: keepAlive, caller: caller)
    }

    /// Makes a model available on one of those of its targets that are not excluded.
    func load(
        _ model: ModelName, excluding excluded: [TargetID: Exclusion], keepAlive: KeepAlive?, caller: Caller
    ) async throws -> Route {
        var excluded = excluded
        while true {
            let lease = try await acquire(
                model, needs: .load, keepAlive: keepAlive, caller: caller, excluding: excluded)
            do {
                try await lease.backend.load(keepAlive: keepAlive, isEmbedding: isEmbedding(model))
                lease.end(.abandoned)
                return lease.route
            } catch let error as BackendError {
                lease.end(.failed(error))
                excluded[lease.route.target] = Exclusion(
                    reason: error.reason, message: error.message, isUnsupported: error.code == .unsupported)
            }
        }
    }

    /// Unloads a model's local workers, each when its last request is done.
    ///
    /// - Throws: ``PoolError`` if there is no such model.
    package func unload(_ model: ModelName) throws {
        try requireKnown(model)
        perform { $0.unload(model, now: .now) }
    }

    /// Has the servers that load a model by themselves unload it, all at once. One that cannot be reached is passed over: it
    /// answers nobody.
    ///
    /// - Throws: ``PoolError`` with the first server that refuses.
    package func unloadOnServers(_ model: ModelName) async throws {
        let isEmbedding = isEmbedding(model)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for target in servers(of: model) {
                guard let backend = backend(of: target) else {
                    continue
                }
                group.addTask {
                    do {
                        try await backend.load(keepAlive: .limited(.zero), isEmbedding: isEmbedding)
                    } catch let error as BackendError where error.code != .unreachable {
                        throw PoolError(
                            .unavailable, "\(target) did not unload its model: \(error.message)",
                            retryAfter: error.retryAfter)
                    } catch is BackendError {
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func servers(of model: ModelName) -> [TargetID] {
        read { state in state.models[model]?.targets.map(\.id).filter { !$0.kind.isLocal } ?? [] }
    }

    private func isEmbedding(_ model: ModelName) -> Bool {
        configuration.models.first { $0.name == model }?.role == .embedding
    }
}
