import SaraiConfiguration
import SaraiCore
import SaraiPool

/// One request on its way through a pipeline's steps.
struct PipelineRun: Sendable {
    let pipeline: PipelineConfiguration
    /// What is asked.
    let request: PipelineRequest
    /// Who does the work.
    let workshop: Workshop
    /// Why this runs; `nil` where it is just what the client asked for.
    let choice: String?
    /// Called when the answer is complete, before its reader gets to know that.
    let finished: @Sendable () -> Void

    /// How far a run is.
    private struct Progress {
        var values: PipelineValues
        var report: PipelineReport
        /// Of all steps that are over.
        var usage = Usage()

        mutating func add(_ result: StepResult) {
            report.steps.append(result.report)
            usage.add(result.usage)
            values.add(result)
        }
    }

    /// Runs all steps; what the last one says goes to `sink` as it comes.
    ///
    /// - Throws: ``SaraiCore/PoolError``, or `CancellationError`.
    func run(into sink: GenerationSink) async throws {
        guard let last = pipeline.steps.last, case .generate(let answer) = last.action else {
            throw PoolError(.unsupported, "pipeline '\(pipeline.name)' has no last step that answers")
        }
        let models = try workshop.models(of: pipeline, for: request)
        try await workshop.pool.keeping(
            models.needed, others: models.optional, caller: request.remaining
        ) { available in
            var progress = Progress(
                values: PipelineValues(request), report: PipelineReport(name: pipeline.name, choice: choice))
            try await runSteps(with: available, &progress)
            try await self.answer(answer, named: last.name, progress, into: sink)
        }
    }

    /// Runs all steps but the last, each as soon as what it needs is there.
    private func runSteps(with available: Set<ModelName>, _ progress: inout Progress) async throws {
        var waiting = Array(pipeline.steps.dropLast())
        try await withThrowingTaskGroup(of: StepResult.self) { group in
            func startReady() {
                let done = progress.values.names
                for step in waiting where pipeline.inputs(of: step).isSubset(of: done) {
                    group.addTask { [values = progress.values] in try await run(step, values, with: available) }
                }
                waiting.removeAll { pipeline.inputs(of: $0).isSubset(of: done) }
            }
            startReady()
            while let result = try await group.next() {
                workshop.pool.events.post(.step(result.report, of: pipeline.name, request: .current))
                progress.add(result)
                startReady()
            }
        }
    }

    /// Runs one step; without a result, where it may do without.
    private func run(
        _ step: PipelineStep, _ values: PipelineValues, with available: Set<ModelName>
    ) async throws -> StepResult {
        let start = ContinuousClock.now
        let otherwise = step.otherwise[values.language]
        if let reason = await workshop.reasonToSkip(step, request, values) {
            let report = StepReport(name: step.name, outcome: .skipped, reason: reason)
            return StepResult(step: step, report: report, text: otherwise)
        }
        do {
            if step.isOptional, let model = try workshop.model(of: step), !available.contains(model) {
                throw PoolError(
                    .poolFull, workshop.missing[model] ?? "model '\(model)' is not available beside the others")
            }
            var result = try await workshop.perform(step, request, values)
            result.report.seconds = start.duration(to: .now).seconds.rounded(to: 3)
            return result
        } catch let error as PoolError where step.isOptional && !Task.isCancelled {
            let report = StepReport(
                name: step.name, outcome: .failed, reason: error.message,
                seconds: start.duration(to: .now).seconds.rounded(to: 3))
            return StepResult(step: step, report: report, text: otherwise)
        } catch let error as PoolError {
            throw PoolError(
                error.code, "step '\(step.name)' of \(pipeline.name): \(error.message)", retryAfter: error.retryAfter)
        }
    }

    /// Streams the last step.
    private func answer(
        _ step: GenerationStep, named name: String, _ progress: Progress, into sink: GenerationSink
    ) async throws {
        let start = ContinuousClock.now
        var progress = progress
        let values = progress.values
        let generation = workshop.pool.generate(
            try request.answering(step, values), model: try workshop.model(step.model), keepAlive: request.keepAlive,
            isWhole: request.isWhole, caller: request.remaining)
        try await withTaskCancellationHandler {
            var route = try await generation.route()
            route.pipeline = progress.report
            sink.commit(to: route)
            let footer = try request.footer(of: step, values)
            for try await event in generation.events {
                guard case .finished(var completion) = event else {
                    sink.emit(event)
                    continue
                }
                if let footer, completion.reason == .stop {
                    sink.emit(.content(footer))
                }
                let last = StepReport(
                    name: name, outcome: .done, by: "\(route.target)",
                    seconds: start.duration(to: .now).seconds.rounded(to: 3),
                    usage: completion.usage)
                workshop.pool.events.post(.step(last, of: pipeline.name, request: .current))
                progress.report.steps.append(last)
                progress.usage.add(completion.usage)
                completion.usage = progress.usage
                completion.pipeline = progress.report
                finished()
                sink.emit(.finished(completion))
            }
        } onCancel: {
            generation.cancel()
        }
    }
}

extension Usage {
    /// Adds what another answer took. Times that a target does not tell count as none.
    fileprivate mutating func add(_ other: Usage) {
        promptTokens += other.promptTokens
        completionTokens += other.completionTokens
        promptDuration = other.promptDuration.map { $0 + (promptDuration ?? .zero) } ?? promptDuration
        completionDuration = other.completionDuration.map { $0 + (completionDuration ?? .zero) } ?? completionDuration
    }
}
