import SaraiConfiguration
import SaraiCore
import SaraiPool
import Synchronization

/// The proofs of a configuration's pipelines, each made once; a refusal again after a while, since measured peaks and
/// files that arrive may say otherwise by then.
final class PipelineProofs: Sendable {
    /// How long a refusal holds: long enough that a crowd of requests makes one plan.
    private static let refusalLifetime = Duration.seconds(10)

    private struct State {
        var configuration: Configuration?
        var proofs: [String: (proof: PipelineProof, until: ContinuousClock.Instant?)] = [:]
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
    func proof(of pipeline: PipelineConfiguration, in pool: ModelPool) -> PipelineProof {
        let configuration = pool.configuration
        let known = state.withLock { state in
            state.configuration == configuration ? state.proofs[pipeline.name] : nil
        }
        if let known, known.until.map({ .now < $0 }) ?? true {
            return known.proof
        }
        let proof = PipelineProof(pipeline, configuration, pool.planner)
        state.withLock { state in
            if state.configuration != configuration {
                state = State(configuration: configuration)
            }
            if case .tooLarge = proof.verdict {
                state.proofs[pipeline.name] = (proof, .now + Self.refusalLifetime)
            } else {
                state.proofs[pipeline.name] = (proof, nil)
            }
        }
        return proof
    }
}
