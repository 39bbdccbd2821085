import SaraiConfiguration
import SaraiCore
import SaraiPool
import SaraiSearch

/// Who does the work of a pipeline's steps.
struct Workshop: Sendable {
    let pool: ModelPool
    let router: IntentRouter
    let search: WebSearch
    /// The models that there is no room for beside those that are needed, and why.
    let missing: [ModelName: String]

    /// The model that a reference means.
    ///
    /// - Throws: ``SaraiCore/PoolError`` if there is none.
    func model(_ reference: ModelReference) throws(PoolError) -> ModelName {
        guard let model = pool.configuration.model(reference) else {
            throw PoolError(.unsupported, "the configuration has no \(reference)")
        }
        return model.name
    }

    /// The model that a step asks; `nil` of a search.
    ///
    /// - Throws: ``SaraiCore/PoolError`` if there is none.
    func model(of step: PipelineStep) throws(PoolError) -> ModelName? {
        switch step.action {
        case .generate(let generation): try model(generation.model)
        case .transcribe: pool.configuration.transcriber?.name
        case .search: nil
        }
    }

    /// The models that a pipeline needs for a request, and those that it can do without and that can be loaded too.
    ///
    /// - Throws: ``SaraiCore/PoolError`` if it needs one that there is not.
    func models(
        of pipeline: PipelineConfiguration, for request: PipelineRequest
    ) throws(PoolError) -> (needed: [HeldModel], optional: [HeldModel]) {
        let held = try pipeline.held(
            in: pool.configuration, where: { request.lack(for: $0.condition) == nil }, hasMedia: request.hasMedia)
        return (held.needed, held.optional.filter { missing[$0.name] == nil })
    }

    /// Why a step need not run; `nil` if it must.
    func reasonToSkip(_ step: PipelineStep, _ request: PipelineRequest, _ values: PipelineValues) async -> String? {
        if let lack = request.lack(for: step.condition) {
            return lack
        }
        if case .search = step.action, pool.configuration.search.url == nil, step.isOptional {
            return "searching is off (search.url)"
        }
        if step.condition == .webQuery, let model = pool.configuration.routerEmbedding, let reason = missing[model.name]
        {
            return "the router cannot be asked: \(reason)"
        }
        if step.condition == .webQuery, await !router.decide(values.text, caller: request.remaining).wantsWeb {
            return "no fresh facts needed"
        }
        return nil
    }

    /// Does what a step does.
    ///
    /// - Throws: ``SaraiCore/PoolError``, or `CancellationError`.
    func perform(
        _ step: PipelineStep, _ request: PipelineRequest, _ values: PipelineValues
    ) async throws -> StepResult {
        var caller = request.remaining
        if let timeout = step.timeout {
            caller.patience = min(timeout, caller.patience ?? timeout)
        }
        guard let timeout = step.timeout else {
            return try await act(step, request, values, caller)
        }
        let late = PoolError(.timedOut, "it took longer than \(timeout.seconds.formatted(decimals: 1)) s")
        return try await withDeadline(timeout, error: late) { [caller] in try await act(step, request, values, caller) }
    }

    private func act(
        _ step: PipelineStep, _ request: PipelineRequest, _ values: PipelineValues, _ caller: Caller
    ) async throws -> StepResult {
        switch step.action {
        case .generate(let generation):
            return try await ask(generation, for: step, request, values, caller)
        case .search(let query):
            var settings = pool.configuration.search
            settings.timeout = min(settings.timeout, step.timeout ?? settings.timeout)
            let found = try await search.search(
                try request.render(query, values), language: values.language, settings)
            let report = StepReport(
                name: step.name, outcome: .done, by: found.isFromCache ? "cache" : found.server, result: found.query)
            return StepResult(step: step, report: report, text: found.text, sources: found.sources)
        case .transcribe:
            return try await transcribe(for: step, request, caller)
        }
    }

    private func ask(
        _ generation: GenerationStep, for step: PipelineStep, _ request: PipelineRequest, _ values: PipelineValues,
        _ caller: Caller
    ) async throws -> StepResult {
        let answer = pool.generate(
            try request.asking(generation, values), model: try model(generation.model), keepAlive: request.keepAlive,
            isWhole: true, caller: caller)
        return try await withTaskCancellationHandler {
            let route = try await answer.route()
            var text = ""
            var usage = Usage()
            for try await event in answer.events {
                switch event {
                case .content(let piece): text += piece
                case .finished(let completion): usage = completion.usage
                case .thinking, .toolCall, .logprobs: break
                }
            }
            text = text.trimmingSpace
            guard !text.isEmpty else {
                throw PoolError(.badGateway, "\(route.target) answered with nothing")
            }
            let report = StepReport(name: step.name, outcome: .done, by: "\(route.target)", result: text, usage: usage)
            return StepResult(step: step, report: report, text: text, usage: usage)
        } onCancel: {
            answer.cancel()
        }
    }

    /// Turns all sounds into text, one after the other.
    private func transcribe(
        for step: PipelineStep, _ request: PipelineRequest, _ caller: Caller
    ) async throws -> StepResult {
        guard let model = pool.configuration.transcriber else {
            throw PoolError(.unsupported, Configuration.noTranscriber)
        }
        var texts: [String] = []
        var language: Language?
        var target = "\(model.name)"
        for sound in request.media where sound.kind == .audio {
            let (transcription, route) = try await pool.transcribe(
                TranscriptionRequest(audio: sound), model: model.name, keepAlive: request.keepAlive, caller: caller)
            target = "\(route.target)"
            texts.append(transcription.text.trimmingSpace)
            language = language ?? transcription.language.flatMap(Language.init(rawValue:))
        }
        let text = texts.filter { !$0.isEmpty }.joined(separator: "\n")
        guard !text.isEmpty else {
            throw PoolError(.invalidRequest, "\(target) heard no words in the sound")
        }
        return StepResult(
            step: step, report: StepReport(name: step.name, outcome: .done, by: target, result: text), text: text,
            language: language)
    }
}
