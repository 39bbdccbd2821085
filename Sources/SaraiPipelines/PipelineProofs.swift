import SaraiConfiguration
import SaraiCore
import SaraiPool
import Synchronization

/// The proofs of a configuration's pipelines, each made once.
final class PipelineProofs: Sendable {
    private struct State {
        var configuration: Configuration?
        var proofs: [String: PipelineProof] = [:]
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
        if let known {
            return known
        }
        let proof = PipelineProof(pipeline, configuration, pool.planner)
        state.withLock { state in
            if state.configuration != configuration {
                state = State(configuration: configuration)
            }
            state.proofs[pipeline.name] = proof
        }
        return proof
    }
}
