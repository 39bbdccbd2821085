import SaraiConfiguration
package import SaraiCore
import SaraiMetrics
package import SaraiPool
package import SaraiRouter
package import SaraiSearch
import Synchronization

/// The pool, and the pipelines that use several of its models for one answer.
///
/// What clients ask for text: a name that begins with `sarai:` is a pipeline's, any other a model's.
package struct Pipelines: Sendable {
    /// The models.
    package let pool: ModelPool
    /// Chooses among pipelines and models.
    package let router: IntentRouter
    private let search: WebSearch
    private let proofs: PipelineProofs

    /// Pipelines over a pool.
    ///
    /// - Parameters:
    ///   - pool: the models.
    ///   - heads: what the router learned.
    ///   - search: searches the web, where the configuration names a server.
    package init(pool: ModelPool, heads: RouterHeads, search: WebSearch) {
        self.pool = pool
        self.search = search
        proofs = PipelineProofs()
        router = IntentRouter(pool: pool, heads: heads, proofs: proofs)
    }

    /// Generates text, by a model or a pipeline.
    ///
    /// - Parameters:
    ///   - request: what to generate.
    ///   - model: a model of the configuration, or a pipeline.
    ///   - keepAlive: how long the models are to stay loaded afterwards; `nil` is as configured.
    ///   - isWhole: whether the client gets the answer in one piece.
    ///   - caller: who asks.
    /// - Returns: the answer in the making.
    package func generate(
        _ request: GenerationRequest, model: ModelName, keepAlive: KeepAlive? = nil, isWhole: Bool = false,
        caller: Caller = Caller()
    ) -> Generation {
        guard let name = PipelineName(model) else {
            return pool.generate(request, model: model, keepAlive: keepAlive, isWhole: isWhole, caller: caller)
        }
        return Generation { [self] sink in
            try await counting(name) {
                guard !pool.isShuttingDown else {
                    throw PoolError.shuttingDown
                }
                let configuration = pool.configuration
                let wanted = try PipelineRequest(
                    configuration.server.requests.checked(request), keepAlive: keepAlive, isWhole: isWhole,
                    caller: caller,
                    limit: configuration.timeouts.request)
                // One request from the first step to the last, also where a step asks no model.
                let isFinished = Mutex(false)
                do {
                    try await pool.whileWaiting(caller) {
                        try await answer(wanted, name, configuration, into: sink) { isFinished.withLock { $0 = true } }
                    }
                } catch  where isFinished.withLock({ $0 }) {
                    // The time may be over while a server still closes its connection.
                }
            }
        }
    }

    /// Runs `work` as one request for a pipeline that is counted.
    private func counting(_ name: PipelineName, _ work: () async throws -> Void) async throws {
        let known = [PipelineName.auto] + pool.configuration.pipelines.map(\.name)
        let pipeline = known.contains(name.rawValue) ? name.rawValue : "unknown"
        let start = ContinuousClock.now
        let result: Result<Void, any Error>
        do {
            result = .success(try await work())
        } catch {
            result = .failure(error)
        }
        pool.metrics.observe(
            .pipelineDuration, pipeline, MetricRegistry.outcome(of: result), seconds: start.duration(to: .now).seconds)
        try result.get()
    }

    private func answer(
        _ request: PipelineRequest, _ name: PipelineName, _ configuration: Configuration, into sink: GenerationSink,
        finished: @escaping @Sendable () -> Void
    ) async throws {
        var (pipeline, choice) = try await choose(name, for: request, configuration)
        if let reason = request.followUp(on: pipeline), case .generate(let last)? = pipeline.steps.last?.action {
            pipeline = .alone(last.model, takesMedia: last.takesMedia)
            choice = [choice, reason].compactMap(\.self).joined(separator: "; ")
        }
        try request.check(for: pipeline, named: name)
        var missing: [ModelName: String] = [:]
        if pipeline.steps.count > 1 {
            try proofs.require(pipeline, in: pool)
            let proof = proofs.proof(of: pipeline, in: pool) { request.lack(for: $0.condition) == nil }
            missing = Dictionary(uniqueKeysWithValues: proof.missing.map { ($0.model, $0.reason) })
        }
        let workshop = Workshop(pool: pool, router: router, search: search, missing: missing)
        let run = PipelineRun(
            pipeline: pipeline, request: request, workshop: workshop, choice: choice, finished: finished)
        try await run.run(into: sink)
    }

    /// Counts the tokens of the prompt that a request to a model would make.
    ///
    /// - Throws: ``SaraiCore/PoolError``; of a pipeline too, whose prompts are made of what its models say.
    package func countPromptTokens(
        of request: GenerationRequest, model: ModelName, caller: Caller
    ) async throws -> (Int, Route) {
        guard PipelineName(model) == nil else {
            try requireKnown(model)
            throw PoolError(
                .unsupported,
                "'\(model)' has no prompt that could be counted: each of its steps makes one, of what the steps before "
                    + "it said. Count for one of its models")
        }
        return try await pool.countPromptTokens(of: request, model: model, caller: caller)
    }

    /// Makes all models of a model's or a pipeline's name available.
    ///
    /// - Parameters:
    ///   - name: a model of the configuration, or a pipeline; of `auto`, what answers where the router is not sure.
    ///   - locally: whether a model's local twin is meant, also where a server is preferred.
    ///   - keepAlive: how long they are to stay loaded when nobody uses them; `nil` is as configured.
    /// - Returns: the target that would answer.
    /// - Throws: ``SaraiCore/PoolError``.
    package func load(_ name: ModelName, locally: Bool = false, keepAlive: KeepAlive? = nil) async throws -> Route {
        guard let pipeline = PipelineName(name) else {
            return try await pool.load(name, locally: locally, keepAlive: keepAlive)
        }
        if locally {
            try requireModel(name)
        }
        let configuration = pool.configuration
        let needed: [HeldModel]
        if pipeline.rawValue == PipelineName.auto {
            guard case .model(let reference) = router.controlPlane(for: configuration).fallback,
                let model = configuration.model(reference)
            else {
                throw PoolError(.unsupported, "the configuration has no model that could answer '\(name)'")
            }
            needed = [HeldModel(model.name, needs: [.generation(hasMedia: false)])]
        } else {
            let wanted = try configuration.pipeline(pipeline)
            try proofs.require(wanted, in: pool)
            needed = try wanted.held(in: configuration).needed
        }
        guard let last = needed.last else {
            throw PoolError(.unsupported, "\(name) needs no model that could be loaded")
        }
        return try await pool.keeping(needed) { _ in
            for model in needed.dropLast() {
                _ = try await pool.load(model, keepAlive: keepAlive)
            }
            return try await pool.load(last, keepAlive: keepAlive)
        }
    }

    /// Unloads a model's local workers. A pipeline's stay: others use its models too.
    ///
    /// - Throws: ``SaraiCore/PoolError`` if there is no such model and no such pipeline.
    package func unload(_ name: ModelName) throws {
        guard PipelineName(name) == nil else {
            return try requireKnown(name)
        }
        try pool.unload(name)
    }

    /// The pipeline of a name; of `auto`, the one that the router chooses.
    private func choose(
        _ name: PipelineName, for request: PipelineRequest, _ configuration: Configuration
    ) async throws -> (PipelineConfiguration, choice: String?) {
        guard name.rawValue == PipelineName.auto else {
            return (try configuration.pipeline(name), nil)
        }
        if let sense = request.sense {
            let reason = sense == "voice" ? "there is a sound" : "there is something to see"
            if router.controlPlane(for: configuration).offers(sense) {
                return (try configuration.pipeline(PipelineName(sense)), reason)
            }
            return (.alone(.role(.omni), takesMedia: true), "\(reason), and the pipeline \(sense) is not offered")
        }
        let decision = await router.decide(request.text, caller: request.remaining)
        let choice = decision.reason
        switch decision.route {
        case .pipeline(let name): return (try configuration.pipeline(name), choice)
        case .model(let reference): return (.alone(reference, takesMedia: !request.media.isEmpty), choice)
        }
    }
}

extension Configuration {
    /// The pipeline of a name.
    ///
    /// - Throws: ``SaraiCore/PoolError`` if there is none.
    func pipeline(_ name: PipelineName) throws(PoolError) -> PipelineConfiguration {
        guard let pipeline = pipelines.first(where: { $0.name == name.rawValue }) else {
            let known = ([PipelineName.auto] + pipelines.map(\.name)).map { PipelineName.prefix + $0 }
            throw PoolError(
                .unknownModel,
                "there is no pipeline '\(PipelineName.prefix)\(name.rawValue)'; there are \(known.joined(separator: ", "))."
                    + Suggestion.sentence(for: PipelineName.prefix + name.rawValue, among: known))
        }
        return pipeline
    }
}
