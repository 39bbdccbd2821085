import SaraiBackends
package import SaraiConfiguration
package import SaraiCore
package import SaraiMemory

/// Plans that ask the engine what headers do not tell.
extension ConfigurationPlanner {
    /// Plans a scenario as exactly as can be known: what it chooses is asked of the engine, once, and planned again with the
    /// answers.
    ///
    /// Takes a fraction of a second for each model that the engine was not asked about before, and next to nothing after
    /// that. Where there is no engine, or it does not answer, the headers' estimate remains.
    package func exactPlan(_ scenario: PlanScenario = .configured) async throws(CancellationError) -> MemoryPlan {
        var plan = plan(scenario)
        // An answer may change the choice, and the new choice is asked about in turn: each round settles one at least.
        var asked: Set<FootprintKey> = []
        while true {
            let unknown = openQuestions(of: plan).filter { !asked.contains($0.key) }
            guard !unknown.isEmpty else {
                return plan
            }
            for question in unknown {
                asked.insert(question.key)
                _ = try? await ask(question)
                guard !Task.isCancelled else {
                    throw CancellationError()
                }
            }
            plan = self.plan(scenario)
        }
    }

    /// What a target takes, loaded in one way, as exactly as can be known.
    ///
    /// - Throws: what is wrong with one of its files.
    package func exactFootprint(
        of target: LocalTargetConfiguration, settings: LoadSettings
    ) async throws(PoolError) -> Footprint {
        let files = try self.files(of: target).get()
        guard let known = known(target) else {
            return files.estimate(settings)
        }
        let key = known.key(settings)
        if target.gguf != nil, footprints[key]?.buffers == nil {
            do {
                try await ask(Question(key: key, target: target, settings: settings))
            } catch let error as EngineDryRunError where error.code == .refused {
                // The worker would fail in the same way, later.
                throw PoolError(.unavailable, error.message)
            } catch {
                // The headers' estimate has to do.
            }
        }
        return files.footprint(settings, known: footprints[key], process: footprints.process(of: known))
    }

    /// Under what a target's figures are remembered, loaded in one way; `nil` without an engine or without its files.
    package func key(of target: LocalTargetConfiguration, settings: LoadSettings) -> FootprintKey? {
        known(target)?.key(settings)
    }

    /// Something that the engine knows and the store does not.
    private struct Question {
        let key: FootprintKey
        let target: LocalTargetConfiguration
        let settings: LoadSettings
    }

    private func openQuestions(of plan: MemoryPlan) -> [Question] {
        configuration.models.flatMap(\.targets).compactMap { target in
            guard case .local(let local) = target, let settings = plan.settings(of: local.id),
                local.gguf != nil, settings.loadMode != .engineDefault, let key = key(of: local, settings: settings),
                footprints[key]?.buffers == nil
            else {
                return nil
            }
            return Question(key: key, target: local, settings: settings)
        }
    }

    /// Asks the engine, or waits for the answer where it is being asked the same already.
    private func ask(_ question: Question) async throws {
        guard let engine, let settings = question.target.serverSettings(question.settings) else {
            return
        }
        try await questions.run(question.key) { [footprints] in
            footprints.note(try await EngineDryRun(engine: engine, settings: settings).run(), for: question.key)
        }
    }
}
