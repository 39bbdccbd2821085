import SaraiCore

/// What the shell must do after the state has changed.
enum PoolAction: Sendable {
    /// Read the headers of a local target's files and report with `inspected`.
    case inspect(TargetID)
    /// Start a local target's worker and report what becomes of it.
    case start(TargetID)
    /// Bring a loaded worker to its peak and measure it; report with `warmedUp`.
    case warmUp(TargetID)
    /// Wait until a worker has finished what nobody waits for any more; report with `settled`.
    case settle(TargetID)
    /// End a local target's worker.
    case stop(TargetID)
    /// Hold a local target's worker: others have the cores.
    case pause(TargetID)
    /// Let a held worker run on.
    case resume(TargetID)
    /// Ask the engine about what the plan is not certain of, and plan again.
    case refinePlan
    /// Check a local target's health and report with `workerChecked`.
    case checkWorker(TargetID)
    /// Check a server's health now and then, as long as a target is on it, and report with `serverChecked`.
    case watch(Server)
    /// Tell those who follow what happened.
    case post(PoolEvent.Body)
    /// Tell a waiter its target.
    case grant(waiter: Int, Route)
    /// Tell a waiter that there is none.
    case refuse(waiter: Int, PoolError)
}
