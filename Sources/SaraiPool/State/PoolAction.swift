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
    /// Check a target's health and report with `healthChecked`.
    case checkHealth(TargetID)
    /// Tell a waiter its target.
    case grant(waiter: Int, Route)
    /// Tell a waiter that there is none.
    case refuse(waiter: Int, PoolError)
}
