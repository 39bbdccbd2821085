import Logging
import SaraiBackends
import SaraiConfiguration
package import SaraiCore
import Synchronization

/// What clients ask of the pool.
extension ModelPool {
    /// Generates text.
    ///
    /// Until the first event, a target that fails is silently replaced by the next; after it, a failure ends the answer
    /// with an error. A client that wants its answer whole has seen nothing until the end, so any failure may be mended.
    ///
    /// - Parameters:
    ///   - request: what to generate.
    ///   - model: the model.
    ///   - keepAlive: how long the model is to stay loaded afterwards; `nil` is as configured.
    ///   - isWhole: whether the client gets the answer in one piece; then the events come when it is complete.
    /// - Returns: the answer in the making.
    package func generate(
        _ request: GenerationRequest, model: ModelName, keepAlive: KeepAlive? = nil, isWhole: Bool = false
    ) -> Generation {
        Generation { [self] sink in
            let isCommitted = Atomic(false)
            let needs = Needs.generation(hasMedia: !request.media.isEmpty)
            let mayRetry = { !isCommitted.load(ordering: .relaxed) }
            try await withFailover(model, needs: needs, keepAlive: keepAlive, mayRetry: mayRetry) { lease in
                guard !isWhole else {
                    let events = Mutex<[GenerationEvent]>([])
                    try await lease.backend.generate(request) { event in events.withLock { $0.append(event) } }
                    sink.commit(to: lease.route)
                    events.withLock(\.self).forEach(sink.emit)
                    return
                }
                try await lease.backend.generate(request) { event in
                    if !isCommitted.exchange(true, ordering: .relaxed) {
                        sink.commit(to: lease.route)
                    }
                    sink.emit(event)
                }
            }
        }
    }

    /// Computes embeddings.
    ///
    /// - Throws: ``PoolError``.
    package func embed(
        _ request: EmbeddingRequest, model: ModelName, keepAlive: KeepAlive? = nil
    ) async throws -> (EmbeddingResult, Route) {
        try await withFailover(model, needs: .embedding, keepAlive: keepAlive) { lease in
            (try await lease.backend.embed(request), lease.route)
        }
    }

    /// Makes a model available: a local target that would answer next is loaded, a remote one is found up.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - locally: whether the local twin is meant, also where a server is preferred.
    ///   - keepAlive: how long it is to stay loaded when nobody uses it; `nil` is as configured.
    /// - Returns: the target that would answer.
    /// - Throws: ``PoolError``.
    package func load(_ model: ModelName, locally: Bool = false, keepAlive: KeepAlive? = nil) async throws -> Route {
        var excluded: [TargetID: Exclusion] = [:]
        if locally {
            for target in configuration.models.first(where: { $0.name == model })?.targets ?? []
            where !target.id.kind.isLocal {
                excluded[target.id] = Exclusion(
                    reason: "local asked for", message: "is remote, and a local load was asked for",
                    isUnsupported: true)
            }
        }
        let lease = try await acquire(model, needs: .load, keepAlive: keepAlive, excluding: excluded)
        defer { lease.release() }
        return lease.route
    }

    /// Unloads a model's local workers, each when its last request is done.
    ///
    /// - Throws: ``PoolError`` if there is no such model.
    package func unload(_ model: ModelName) throws {
        try requireKnown(model)
        perform { $0.unload(model, now: .now) }
    }

    /// Protects a model from being unloaded for others, or no longer.
    ///
    /// - Throws: ``PoolError`` if there is no such model.
    package func setPinned(_ model: ModelName, _ isPinned: Bool) throws {
        try requireKnown(model)
        perform {
            $0.setPinned(model, isPinned)
            return []
        }
    }

    /// Starts the loads of resident models. To be called when it is certain that the pool will serve.
    package func loadResidents() {
        perform { $0.start() }
    }

    /// Refuses a name that is not in the configuration.
    ///
    /// - Throws: ``PoolError``.
    package func requireKnown(_ model: ModelName) throws {
        if let error = read({ $0.models[model] == nil ? $0.unknownModel(model) : nil }) {
            throw error
        }
    }

    /// Runs `attempt` on one target after the other until it succeeds or may not be repeated.
    private func withFailover<Result: Sendable>(
        _ model: ModelName, needs: Needs, keepAlive: KeepAlive?, mayRetry: () -> Bool = { true },
        attempt: (Lease) async throws -> Result
    ) async throws -> Result {
        var excluded: [TargetID: Exclusion] = [:]
        var localFailures = 0
        while true {
            let lease = try await acquire(model, needs: needs, keepAlive: keepAlive, excluding: excluded)
            defer { lease.release() }
            do {
                return try await attempt(lease)
            } catch let failure as BackendError {
                lease.interrupt()
                let target = lease.route.target
                let error = target.kind.isLocal ? failure.ofWorker : failure
                if error.code == .outOfMemory {
                    logger.error("worker out of memory", metadata: ["target": "\(target)", "error": "\(error)"])
                    perform { $0.workerFailed(target, now: .now) }
                } else if error.countsAgainstTarget {
                    logger.warning(
                        "request failed on target",
                        metadata: ["target": "\(target)", "reason": "\(error.reason)", "error": "\(error)"])
                    perform { $0.requestFailed(on: target, reason: error.message, now: .now) }
                }
                guard error.allowsFailover, mayRetry() else {
                    throw PoolError(error, target: target, isCommitted: !mayRetry())
                }
                // A worker that died under a request is started again; the request may have killed it, though, so it
                // gets one more try and no more.
                if target.kind.isLocal {
                    localFailures += 1
                }
                if !target.kind.isLocal || localFailures > 1 {
                    excluded[target] = Exclusion(
                        reason: error.reason, message: error.message, isUnsupported: error.code == .unsupported)
                }
            } catch {
                lease.interrupt()
                throw error
            }
        }
    }
}

extension PoolError {
    /// The error that a client gets for a target's error which no other target can mend.
    fileprivate init(_ error: BackendError, target: TargetID, isCommitted: Bool) {
        switch error.code {
        case .rejected(413): self.init(.tooLarge, error.message)
        case .rejected: self.init(.invalidRequest, error.message)
        case _ where isCommitted:
            self.init(.interrupted, "\(target) broke off in the middle of the answer: \(error.message)")
        default: self.init(.unavailable, "\(target): \(error.message)")
        }
    }
}
