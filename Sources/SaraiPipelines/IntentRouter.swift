import SaraiConfiguration
package import SaraiCore
import SaraiMetrics
package import SaraiPool
package import SaraiRouter
import Synchronization

/// Scores requests by their meaning, and decides who answers them.
///
/// It never fails: where it cannot be asked, or is not sure, the configuration's default answers.
package final class IntentRouter: Sendable {
    private let pool: ModelPool
    private let heads: RouterHeads
    private let proofs: PipelineProofs
    /// Which embedding models have been compared with the one that a head was trained on.
    private let compared = Mutex<[Pair: Mismatch?]>([:])

    /// An embedding model, and the one that a head was trained on.
    private struct Pair: Hashable {
        let model: ModelConfiguration
        let trained: TrainedEmbedding
    }

    /// Scalars of a text that are looked at.
    private static let longestText = 8_000

    /// Why a head cannot be used with an embedding model, for a person.
    private typealias Mismatch = String

    /// How long the embedding model may take, a load included: the answer, which the person waits for, is still to come.
    private static let patience = Duration.seconds(10)

    init(pool: ModelPool, heads: RouterHeads, proofs: PipelineProofs) {
        self.pool = pool
        self.heads = heads
        self.proofs = proofs
    }

    /// Decides who answers a text.
    ///
    /// - Parameters:
    ///   - text: what the person wrote.
    ///   - caller: who asks.
    /// - Returns: the decision; the default one where there are no scores.
    package func decide(_ text: String, caller: Caller = Caller()) async -> RouteDecision {
        let start = ContinuousClock.now
        let configuration = pool.configuration
        let plane = controlPlane(for: configuration)
        var caller = caller
        caller.patience = min(caller.patience ?? Self.patience, Self.patience)
        var decision: RouteDecision
        do {
            let (scores, labels, headDuration) = try await score(text, configuration, caller)
            let (route, reason) = plane.route(labels)
            decision = RouteDecision(scores: scores, labels: labels, route: route, reason: reason)
            decision.headDuration = headDuration
        } catch {
            let reason = (error as? PoolError)?.message ?? "\(error)"
            decision = RouteDecision(
                scores: nil, labels: nil, route: plane.fallback, reason: "the router cannot be asked: \(reason)")
        }
        decision.duration = start.duration(to: .now)
        pool.metrics.observe(
            .routerDecision, decision.route.name, decision.certainty, seconds: decision.duration.seconds)
        return decision
    }

    /// Scores the beginning of a text, without a model: fast enough for every key that is pressed.
    package func scoreEarly(_ text: String) throws(PoolError) -> RouteScores {
        do throws(RouterFileError) {
            return try heads.mini.get().scores(text)
        } catch {
            throw PoolError(.unsupported, error.message)
        }
    }

    /// Has the head of `router.file` read again when it is next needed, and the embedding model compared with it: the one may
    /// have been retrained, and the other may be another file at the same path.
    package func forgetFiles() {
        heads.forgetFiles()
        compared.withLock { $0.removeAll() }
    }

    /// Decides by scores, among what can answer now.
    func controlPlane(for configuration: Configuration) -> ControlPlane {
        ControlPlane(configuration: configuration) { [pool, proofs] name in
            guard let pipeline = configuration.pipelines.first(where: { $0.name == name }) else {
                return false
            }
            if case .available = proofs.proof(of: pipeline, in: pool).verdict {
                return true
            }
            return false
        }
    }

    private func score(
        _ text: String, _ configuration: Configuration, _ caller: Caller
    ) async throws -> (RouteScores, RouteLabels, Duration) {
        let head: RouterHead
        do throws(RouterFileError) {
            head = try heads.head(trm: configuration.router.head == .trm, file: configuration.router.file)
        } catch {
            throw PoolError(.unsupported, error.message)
        }
        guard let model = configuration.routerEmbedding else {
            throw PoolError(.unsupported, "the configuration has no model with 'role: embedding' for it")
        }
        if let mismatch = try await mismatch(of: Pair(model: model, trained: head.embedding), caller) {
            throw PoolError(.unsupported, mismatch)
        }
        // What comes after that is cut off by the embedding model anyway.
        let beginning = String(text.unicodeScalars.prefix(Self.longestText))
        let vector = try await embed(head.embedding.prefix + beginning, model, caller)
        let start = ContinuousClock.now
        let scores = head.scores(vector, text: beginning)
        return (scores, head.labels(of: scores), start.duration(to: .now))
    }

    /// Why a head cannot be used with a model: found out once, by a text whose vector is known.
    private func mismatch(of pair: Pair, _ caller: Caller) async throws -> Mismatch? {
        if let known = compared.withLock({ $0[pair] }) {
            return known
        }
        let vector = try await embed(pair.trained.prefix + pair.trained.probe, pair.model, caller)
        let mismatch = pair.trained.mismatch(with: vector).map {
            "model '\(pair.model.name)' is not what the router was trained on: \($0)"
        }
        compared.withLock { $0[pair] = .some(mismatch) }
        return mismatch
    }

    private func embed(_ text: String, _ model: ModelConfiguration, _ caller: Caller) async throws -> [Float] {
        let (result, _) = try await pool.embed(EmbeddingRequest(inputs: [text]), model: model.name, caller: caller)
        guard let vector = result.vectors.first else {
            throw PoolError(.badGateway, "model '\(model.name)' gave no vector")
        }
        return vector
    }
}
