import SaraiCore
import SaraiPool

/// Asks all models of a daemon at the same time, and the same in turn.
struct ConcurrentBench {
    /// The daemon.
    let client: DaemonClient
    /// What the models are asked.
    let prompt: String
    /// Tokens of each answer, at most.
    let maxTokens: Int
    /// Models that must be among the daemon's.
    let expectedModels: [String]

    /// How one model answered.
    struct Result: Sendable {
        var target: String?
        var route: String?
        var untilFirstToken: Duration?
        /// Tokens generated; of an embedding model, tokens read.
        var tokens = 0
        var tokensPerSecond: Double?
        /// Why there is no answer.
        var error: String?
    }

    /// Runs the benchmark.
    func run() async throws -> BenchReport {
        let models = try await answering().models
        var faults: [String: String] = [:]
        for model in models {
            do {
                _ = try await client.load(model.name)
            } catch let failure as CommandFailure where !failure.isNobodyThere {
                faults[model.name] = "does not load: \(failure.message ?? "no reason given")"
            }
        }
        let able = models.filter { faults[$0.name] == nil }
        await prepare(able)
        var clock = ContinuousClock.now
        var results = await askAtOnce(able)
        let atOnce = clock.duration(to: .now)
        let state = try await answering()
        await prepare(able)
        clock = .now
        for model in able {
            _ = await ask(model)
        }
        let inTurn = clock.duration(to: .now)
        for (name, fault) in faults {
            results[name] = Result(error: fault)
        }
        let missing = expectedModels.filter { name in !models.contains { $0.name == name } }
        return BenchReport(state: state, results: results, missing: missing, atOnce: atOnce, inTurn: inTurn)
    }

    /// The pool, without models that answer no prompt: those for speech, and those that judge documents.
    private func answering() async throws -> PoolSnapshot {
        var state = try await client.state().snapshot
        state.models.removeAll { ["speech", "reranker"].contains($0.role) }
        return state
    }

    /// Lets every model answer something short and different, so that both runs begin alike: weights are in memory, and
    /// nothing of the prompt is in a cache.
    private func prepare(_ models: [PoolSnapshot.Model]) async {
        for model in models where !model.isEmbedding {
            // A model that cannot answer this will not answer the real question either, and that is reported.
            _ = try? await client.generate(request("Hi", for: nil, tokens: 1), model: model.name)
        }
    }

    private func askAtOnce(_ models: [PoolSnapshot.Model]) async -> [String: Result] {
        await withTaskGroup(of: (String, Result).self) { group in
            for model in models {
                group.addTask { (model.name, await ask(model)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func ask(_ model: PoolSnapshot.Model) async -> Result {
        let start = ContinuousClock.now
        do {
            if model.isEmbedding {
                let (by, tokens) = try await client.embed(prompt, model: model.name)
                let seconds = start.duration(to: .now).seconds
                return Result(
                    target: by.target, route: by.route, untilFirstToken: nil, tokens: tokens,
                    tokensPerSecond: seconds > 0 ? Double(tokens) / seconds : nil)
            }
            let answer = try await client.generate(request(prompt, for: model, tokens: maxTokens), model: model.name)
            let tokens = answer.completion.usage.completionTokens
            return Result(
                target: answer.target, route: answer.route, untilFirstToken: answer.untilFirstToken, tokens: tokens,
                tokensPerSecond: answer.tokensPerSecond, error: tokens == 0 ? "the answer is empty" : nil)
        } catch {
            return Result(error: (error as? CommandFailure)?.message ?? "\(error)")
        }
    }

    /// A request that always gets the same answer, with a picture for a model that sees.
    private func request(_ text: String, for model: PoolSnapshot.Model?, tokens: Int) -> GenerationRequest {
        var content = [Message.Part.text(text)]
        if model?.role == "omni", let picture = TestPicture.media {
            content.insert(.media(picture), at: 0)
        }
        var request = GenerationRequest(prompt: .chat([Message(role: .user, content: content)]))
        request.sampling.temperature = 0
        request.sampling.seed = 1
        request.sampling.maxTokens = tokens
        return request
    }
}

extension PoolSnapshot.Model {
    /// Whether the model makes vectors rather than text.
    var isEmbedding: Bool {
        role == "embedding"
    }
}
