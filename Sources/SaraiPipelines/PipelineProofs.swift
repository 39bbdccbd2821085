import SaraiConfiguration
import SaraiCore
import SaraiPool
import Synchronization

/// The proofs of a configuration's pipelines, each made once; a refusal again after a while, since measured peaks and
/// files that arrive may say otherwise by then.
final class PipelineProofs: Sendable {
    /// How long a refusal holds: long enough that a crowd of requests makes one plan.
    private static let refusalLifetime = Duration.seconds(10)

    /// What was proved.
    private struct Key: Hashable {
        let pipeline: String
        let steps: [String]
    }

    private struct State {
        var configuration: Configuration?
        var proofs: [Key: (proof: PipelineProof, until: ContinuousClock.Instant?)] = [:]
    }

    private let state = Mutex(State())

    /// Refuses a pipeline whose models cannot be available together.
    ///
    /// - Throws: ``SaraiCore/PoolError``.
    func require(_ pipeline: PipelineConfiguration, in pool: ModelPool) throws(PoolError) {
        switch proof(of: pipeline, in: pool).verdict {
        case .available: break
        case .incomplete(let message): throw PoolError(.unsupported, message)
        case .tooLarge(let message):
            throw PoolError(
                .poolFull,
                "pipeline '\(pipeline.name)' needs its models together: \(message). 'sarai plan' shows ways out")
        }
    }

    /// The proof of a pipeline, made now if it is not known.
    ///
    /// - Parameters:
    ///   - pipeline: the pipeline.
    ///   - pool: has its models.
    ///   - runs: which of its steps are meant.
    /// - Returns: the proof.
    func proof(
        of pipeline: PipelineConfiguration, in pool: ModelPool, where runs: (PipelineStep) -> Bool = { _ in true }
    ) -> PipelineProof {
        let configuration = pool.configuration
        let key = Key(pipeline: pipeline.name, steps: pipeline.steps.filter(runs).map(\.name))
        let known = state.withLock { state in
            state.configuration == configuration ? state.proofs[key] : nil
        }
        if let known, known.until.map({ .now < $0 }) ?? true {
            return known.proof
        }
        let proof = PipelineProof(pipeline, configuration, pool.planner, where: runs)
        state.withLock { state in
            if state.configuration != configuration {
                state = State(configuration: configuration)
            }
            state.proofs[key] = (proof, proof.isRefusal ? .now + Self.refusalLifetime : nil)
        }
        return proof
    }
}

extension PipelineProof {
    /// Whether a model is refused to the pipeline that the configuration has.
    fileprivate var isRefusal: Bool {
        if case .tooLarge = verdict { true } else { !missing.isEmpty }
    }
}
