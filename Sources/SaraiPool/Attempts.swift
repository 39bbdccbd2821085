import SaraiBackends
import SaraiConfiguration
import SaraiCore

/// What was tried for one request, and which targets are out of the question from now on.
struct Attempts {
    /// Targets that are not asked any more, and why.
    var excluded: [TargetID: Exclusion] { tried.merging(strangers) { first, _ in first } }
    /// The last target that failed, and how; `nil` before the first failure.
    private(set) var last: (target: TargetID, error: BackendError)?
    private var failures: [TargetID: Int] = [:]
    private var tried: [TargetID: Exclusion] = [:]
    private var strangers: [TargetID: Exclusion] = [:]

    /// Notes that a target failed.
    mutating func failed(_ target: TargetID, _ error: BackendError) {
        last = (target, error)
        failures[target, default: 0] += 1
        if failures[target, default: 0] >= Self.patience(with: target, error) {
            tried[target] = Exclusion(
                reason: error.reason, message: error.message, isUnsupported: error.code == .unsupported)
        }
    }

    /// Rules out targets that may not go on with what is there of the answer.
    mutating func exclude(strangers others: [TargetID: Exclusion]) {
        strangers.merge(others) { first, _ in first }
    }

    /// Takes back what was ruled out for the sake of the answer's beginning: it starts anew.
    mutating func readmitStrangers() {
        strangers = [:]
    }

    /// How many failures a target may have in one request.
    private static func patience(with target: TargetID, _ error: BackendError) -> Int {
        switch error.code {
        case .unsupported: 1
        // It says itself when it will have time.
        case .overloaded: 3
        // A worker that died under a request is started again; the request may have killed it, though, so it gets one more
        // try and no more.
        default: target.kind.isLocal ? 2 : 1
        }
    }
}

extension PoolState {
    /// The targets of a model that may not go on with an answer that one of them began, since they may be other models.
    func strangers(to id: TargetID) -> [TargetID: Exclusion] {
        guard let targets = models[id.model]?.targets, let one = targets.first(where: { $0.id == id }) else {
            return [:]
        }
        var strangers: [TargetID: Exclusion] = [:]
        for other in targets where other.id != id && other.tier != one.tier {
            if !one.configuration.isSameModel || !other.configuration.isSameModel {
                strangers[other.id] = Exclusion(
                    reason: "other model", message: "is not said to have the same weights (same_model)")
            }
        }
        return strangers
    }
}
