import SaraiBackends
import SaraiCore

/// How a request on a target ended.
enum Outcome: Hashable, Sendable {
    /// With an answer.
    case answered
    /// With an error of the target's.
    case failed(BackendError)
    /// Without a verdict on the target: the client left, or its own time was over.
    case abandoned
}

/// What the ends of requests say of targets.
extension PoolState {
    /// The first piece of an answer has come.
    mutating func answering(_ route: Route, now: Instant) -> [PoolAction] {
        var transition: Breaker.Transition?
        update(route.target) { target in
            transition = target.remote?.breaker.succeeded(run: route.run, now: now)
            target.remote?.rests = 0
        }
        return report(transition, of: route.target, now: now)
    }

    /// Notes what a request's end says of its target.
    mutating func judge(_ route: Route, _ outcome: Outcome, random: Double, now: Instant) -> [PoolAction] {
        switch outcome {
        case .answered:
            return answering(route, now: now)
        case .abandoned:
            update(route.target) { $0.remote?.breaker.abandoned(run: route.run) }
            return []
        case .failed(let error) where route.target.kind.isLocal:
            return error.countsAgainstTarget ? workerFailed(route, error, now: now) : []
        case .failed(let error):
            return serverFailed(route, error, random: random, now: now)
        }
    }

    /// A worker failed a request. Until a health check has shown whether it lives, nobody is sent there.
    private mutating func workerFailed(_ route: Route, _ error: BackendError, now: Instant) -> [PoolAction] {
        guard let target = self[target: route.target], target.run == route.run,
            case .ready(let pid, let since) = target.phase
        else {
            return []
        }
        update(target.id) { $0.phase = .suspect(pid: pid, since: since, failure: nil) }
        // One that ran out of memory answers, but is of no use any more: a fresh one will be. One that is held cannot show
        // that it is alive.
        return freeCores(of: target.id, now: now) + [
            error.code == .outOfMemory ? .stop(target.id) : .checkWorker(target.id)
        ]
    }

    private mutating func serverFailed(
        _ route: Route, _ error: BackendError, random: Double, now: Instant
    ) -> [PoolAction] {
        guard error.countsAgainstTarget else {
            update(route.target) { target in
                target.remote?.breaker.abandoned(run: route.run)
                if error.code == .overloaded {
                    target.remote?.rest(for: error.retryAfter, random: random, now: now)
                }
            }
            return []
        }
        guard error.code == .unreachable, let server = self[target: route.target]?.remote?.server else {
            let failure: Breaker.Failure =
                switch error.code {
                case .modelMissing: .missingModel
                // It is there and says nothing. That took minutes; nobody should wait so long to find it out again.
                case .firstTokenTimeout: .unreachable
                default: .request
                }
            return failed(route.target, failure, error.message, run: route.run, now: now)
        }
        // Nobody is there: that holds for every model on the server.
        return targets(on: server).flatMap { id in
            let run = id == route.target ? route.run : self[target: id]?.remote?.breaker.run ?? 0
            return failed(id, .unreachable, error.message, run: run, now: now)
        }
    }

    private mutating func failed(
        _ id: TargetID, _ failure: Breaker.Failure, _ reason: String, run: Int, now: Instant
    ) -> [PoolAction] {
        var transition: Breaker.Transition?
        update(id) { transition = $0.remote?.breaker.failed(failure, reason: reason, run: run, now: now) }
        return report(transition, of: id, now: now)
    }

    /// The targets on a server.
    func targets(on server: Server) -> [TargetID] {
        names.compactMap(configured).flatMap(\.targets).filter { $0.remote?.server == server }.map(\.id)
    }

    /// Says what has become of a target.
    func report(_ transition: Breaker.Transition?, of id: TargetID, now: Instant) -> [PoolAction] {
        switch transition {
        case nil: []
        case .ejected(let until, let reason): [.post(.ejected(id, reason: reason, for: now.duration(to: until)))]
        case .halfOpened: [.post(.halfOpen(id))]
        case .recovered: [.post(.recovered(id))]
        }
    }
}
