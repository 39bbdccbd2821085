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
    /// Why the router chose this pipeline; `nil` where the client did.
    let choice: String?

    /// Runs all steps; what the last one says goes to `sink` as it comes.
    ///
    /// - Throws: ``SaraiCore/PoolError``, or `CancellationError`.
    func run(into sink: GenerationSink) async throws {
        try request.check(for: pipeline)
        guard let last = pipeline.steps.last, case .generate(let answer) = last.action else {
            throw PoolError(.unsupported, "pipeline '\(pipeline.name)' has no last step that answers")
        }
        let models = try workshop.models(of: pipeline, for: request)
        try await workshop.pool.keeping(
            models.needed, others: models.optional, keepAlive: request.keepAlive, caller: request.remaining
        ) {
            var values = PipelineValues(request)
            var report = PipelineReport(name: pipeline.name, choice: choice)
            try await runSteps(&values, &report)
            try await self.answer(answer, named: last.name, values, report, into: sink)
        }
    }

    /// Runs all steps but the last, each as soon as what it needs is there.
    private func runSteps(_ values: inout PipelineValues, _ report: inout PipelineReport) async throws {
        var waiting = Array(pipeline.steps.dropLast())
        try await withThrowingTaskGroup(of: StepResult.self) { group in
            func startReady() {
                let done = values.names
                for step in waiting where pipeline.inputs(of: step).isSubset(of: done) {
                    group.addTask { [values] in try await run(step, values) }
                }
                waiting.removeAll { pipeline.inputs(of: $0).isSubset(of: done) }
            }
            startReady()
            while let result = try await group.next() {
                report.steps.append(result.report)
                workshop.pool.events.post(.step(result.report, of: pipeline.name))
                values.add(result)
                startReady()
            }
        }
    }

    /// Runs one step; without a result, where it may do without.
    private func run(_ step: PipelineStep, _ values: PipelineValues) async throws -> StepResult {
        let start = ContinuousClock.now
        let otherwise = step.otherwise[request.language]
        if let reason = await workshop.reasonToSkip(step, request, values) {
            let report = StepReport(name: step.name, outcome: .skipped, reason: reason)
            return StepResult(step: step, report: report, text: otherwise)
        }
        do {
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
        _ step: GenerationStep, named name: String, _ values: PipelineValues, _ report: PipelineReport,
        into sink: GenerationSink
    ) async throws {
        let start = ContinuousClock.now
        var report = report
        let generation = workshop.pool.generate(
            try request.answering(step, values), model: try workshop.model(step.model), keepAlive: request.keepAlive,
            isWhole: request.isWhole, caller: request.remaining)
        try await withTaskCancellationHandler {
            var route = try await generation.route()
            route.pipeline = report
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
                workshop.pool.events.post(.step(last, of: pipeline.name))
                report.steps.append(last)
                completion.usage.promptTokens = report.steps.reduce(0) { $0 + $1.promptTokens }
                completion.usage.completionTokens = report.steps.reduce(0) { $0 + $1.completionTokens }
                completion.pipeline = report
                sink.emit(.finished(completion))
            }
        } onCancel: {
            generation.cancel()
        }
    }
}
