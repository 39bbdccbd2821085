import SaraiBackends
import SaraiConfiguration
package import SaraiCore
import SaraiMemory
import SaraiMetrics

/// What clients ask of the pool.
extension ModelPool {
    /// Generates text.
    ///
    /// Until the first event, a target that fails is silently replaced by the next. After it, the next one goes on where the
    /// last one broke off, if it has the same weights and the answer is plain text; else a failure ends the answer with an
    /// error. A client that wants its answer whole has seen nothing until the end, so any failure may be mended.
    ///
    /// - Parameters:
    ///   - request: what to generate.
    ///   - model: the model.
    ///   - keepAlive: how long the model is to stay loaded afterwards; `nil` is as configured.
    ///   - isWhole: whether the client gets the answer in one piece; then the events come when it is complete.
    ///   - caller: who asks.
    /// - Returns: the answer in the making.
    package func generate(
        _ request: GenerationRequest, model: ModelName, keepAlive: KeepAlive? = nil, isWhole: Bool = false,
        caller: Caller = Caller()
    ) -> Generation {
        Generation { [self] sink in
            try await counting(.generation, of: model) { [self] meter in
                let wanted = try configuration.server.requests.checked(request)
                let answer = AnswerInProgress(wanted, isWhole: isWhole, meter: meter.answer, sink: sink)
                let needs = Needs.generation(hasMedia: !request.media.isEmpty)
                do {
                    try await whileWaiting(caller) { [self] in
                        try await withFailover(
                            model, needs: needs, keepAlive: keepAlive, caller: caller, meter: meter,
                            progress: { answer.stage }, startAnew: { answer.startAnew() }
                        ) { [self] lease in
                            try await answer.go(on: lease) { [self] in
                                perform { $0.answering(lease.route, now: .now) }
                            }
                        }
                    }
                } catch  where answer.isFinished {
                    // The time may be over while a server still closes its connection.
                }
                answer.conclude()
            }
        }
    }

    /// Computes embeddings.
    ///
    /// - Throws: ``PoolError``.
    package func embed(
        _ request: EmbeddingRequest, model: ModelName, keepAlive: KeepAlive? = nil, caller: Caller = Caller()
    ) async throws -> (EmbeddingResult, Route) {
        if let dimensions = request.dimensions {
            try requireShortVectors(model, dimensions)
        }
        return try await counting(.embedding, of: model) { [self] meter in
            try await whileWaiting(caller) { [self] in
                try await withFailover(
                    model, needs: .embedding, keepAlive: keepAlive, caller: caller, meter: meter
                ) { lease in
                    let result = try await lease.backend.embed(request).cut(to: request.dimensions)
                    meter.read(result.promptTokens, by: lease.route.target)
                    return (result, lease.route)
                }
            }
        }
    }

    /// Refuses to shorten the vectors of a model whose vectors lose their sense with their length.
    private func requireShortVectors(_ model: ModelName, _ dimensions: Int) throws(PoolError) {
        guard let configuration = configuration.models.first(where: { $0.name == model }) else {
            // Whoever does not exist is refused in the usual way.
            return
        }
        let header = configuration.targets.lazy.compactMap { target -> GGUFHeader? in
            guard case .local(let local) = target, let gguf = local.gguf else {
                return nil
            }
            return try? self.headers.header(of: gguf).get()
        }.first
        guard configuration.isMatryoshka ?? (header?.architecture == "gemma-embedding") else {
            throw PoolError(
                .unsupported,
                "dimensions: vectors of '\(model)' are not cut to \(dimensions), since it is not known to be trained for "
                    + "that; if it is, set its key matryoshka to true")
        }
    }

    /// Judges how well documents answer a query. A target that fails is silently replaced by the next.
    ///
    /// - Throws: ``PoolError``.
    package func rerank(
        _ request: RerankRequest, model: ModelName, caller: Caller = Caller()
    ) async throws -> (RerankResult, Route) {
        try await counting(.reranking, of: model) { [self] meter in
            try await whileWaiting(caller) { [self] in
                try await withFailover(
                    model, needs: .reranking, keepAlive: nil, caller: caller, meter: meter
                ) { lease in
                    let result = try await lease.backend.rerank(request)
                    meter.read(result.promptTokens, by: lease.route.target)
                    return (result, lease.route)
                }
            }
        }
    }

    /// Turns speech into text. A target that fails is silently replaced by the next.
    ///
    /// - Throws: ``PoolError``.
    package func transcribe(
        _ request: TranscriptionRequest, model: ModelName, keepAlive: KeepAlive? = nil, caller: Caller = Caller()
    ) async throws -> (Transcription, Route) {
        try await counting(.transcription, of: model) { [self] meter in
            try await whileWaiting(caller) { [self] in
                try await withFailover(
                    model, needs: .transcription, keepAlive: keepAlive, caller: caller, meter: meter
                ) { lease in
                    (try await lease.backend.transcribe(request), lease.route)
                }
            }
        }
    }

    /// Runs `work` as one request that is counted.
    private func counting<Result>(
        _ operation: RequestMeter.Operation, of model: ModelName, _ work: (RequestMeter) async throws -> Result
    ) async throws -> Result {
        let isKnown = read { $0.configured(model) != nil }
        let meter = RequestMeter(metrics, model: isKnown ? model : nil, operation: operation)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await work(meter))
        } catch {
            result = .failure(error)
        }
        meter.ended(MetricRegistry.outcome(of: result))
        return try result.get()
    }

    /// Counts the tokens of the prompt that a request would make. A target that cannot is silently replaced by the next.
    ///
    /// - Throws: ``PoolError``.
    package func countPromptTokens(
        of request: GenerationRequest, model: ModelName, caller: Caller = Caller()
    ) async throws -> (Int, Route) {
        try await counting(.tokenCount, of: model) { [self] meter in
            try await whileWaiting(caller) { [self] in
                let needs = Needs.generation(hasMedia: !request.media.isEmpty)
                return try await withFailover(
                    model, needs: needs, keepAlive: nil, caller: caller, meter: meter
                ) { lease in
                    (try await lease.backend.countPromptTokens(of: request), lease.route)
                }
            }
        }
    }

    /// Makes a model available: a local target that would answer next is loaded, a remote one is found up.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - locally: whether the local twin is meant, also where a server is preferred.
    ///   - keepAlive: how long it is to stay loaded when nobody uses it; `nil` is as configured.
    ///   - caller: who asks.
    /// - Returns: the target that would answer.
    /// - Throws: ``PoolError``.
    package func load(
        _ model: ModelName, locally: Bool = false, keepAlive: KeepAlive? = nil, caller: Caller = Caller()
    ) async throws -> Route {
        var excluded: [TargetID: Exclusion] = [:]
        if locally {
            for target in read({ $0.models[model]?.targets.map(\.id) ?? [] }) where !target.kind.isLocal {
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
        let lease = try await acquire(
            model, needs: .load, keepAlive: keepAlive, caller: caller, excluding: excluded)
        defer { lease.end(.abandoned) }
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
        change { $0.setPinned(model, isPinned) }
    }

    /// Starts the loads of resident models. To be called when it is certain that the pool will serve.
    package func loadResidents() {
        perform { $0.start() }
    }

    /// Refuses a name that is not in the configuration.
    ///
    /// - Throws: ``PoolError``.
    package func requireKnown(_ model: ModelName) throws {
        if let error = read({ $0.configured(model) == nil ? $0.unknownModel(model) : nil }) {
            throw error
        }
    }

    /// Runs `work` as one request: it ends when the caller's time, or what the configuration allows, is over, and the daemon does not
    /// end before it.
    ///
    /// - Parameters:
    ///   - caller: who asks.
    ///   - work: cancelled when the time is over.
    /// - Returns: what `work` returns.
    /// - Throws: ``SaraiCore/PoolError``, or what `work` throws.
    package func whileWaiting<Result: Sendable>(
        _ caller: Caller, _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        var limit = configuration.timeouts.request
        var error = PoolError(.timedOut, "the answer was not complete in time (timeouts.request)")
        if let patience = caller.patience, patience < limit {
            limit = patience
            error = PoolError(.timedOut, "the answer was not complete in the time that the request gave for it")
        }
        return try await requests.run { [limit, error] in try await withDeadline(limit, error: error, work) }
    }
}
