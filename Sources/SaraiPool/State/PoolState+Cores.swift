import SaraiConfiguration
import SaraiCore
import SaraiMemory

/// Which workers run when there are more of them with work than there are cores.
extension PoolState {
    /// A request gets to a target.
    mutating func beginWork(on id: TargetID, _ needs: Needs, now: Instant) -> [PoolAction] {
        guard let work = needs.work else {
            return []
        }
        return beginWork(on: id, work, now: now)
    }

    /// A worker gets something to do.
    mutating func beginWork(on id: TargetID, _ work: CoreWork, now: Instant) -> [PoolAction] {
        guard case .local(let local)? = self[target: id]?.configuration else {
            return []
        }
        let size = self[target: id]?.resident ?? .zero
        let actions = cores.begin(id, threads: local.threads ?? cores.cores, kind: work, size: size, now: now)
        return actions.map(PoolAction.init)
    }

    /// A request is done.
    mutating func endWork(on id: TargetID, _ needs: Needs, now: Instant) -> [PoolAction] {
        guard let work = needs.work else {
            return []
        }
        return cores.end(id, kind: work, now: now).map(PoolAction.init)
    }

    /// A worker has finished what nobody waited for any more.
    mutating func settled(_ id: TargetID, run: Int, now: Instant) -> [PoolAction] {
        guard self[target: id]?.run == run else {
            return []
        }
        return cores.end(id, kind: .background, now: now).map(PoolAction.init)
    }

    /// A worker must run, whatever it has to do: it is to end, has ended, or must show that it is alive.
    mutating func freeCores(of id: TargetID, now: Instant) -> [PoolAction] {
        cores.gone(id, now: now).map(PoolAction.init)
    }
}

extension Needs {
    /// What it keeps a worker busy with; nothing where only its presence is asked for.
    fileprivate var work: CoreWork? {
        switch self {
        case .generation, .transcription: .generation
        case .embedding, .reranking: .embedding
        case .load: nil
        }
    }
}

extension PoolAction {
    /// What a decision about cores asks for.
    init(_ action: CoreLedger.Action) {
        self =
            switch action {
            case .pause(let id): .pause(id)
            case .resume(let id): .resume(id)
            }
    }
}
