package import Logging
import SaraiBackends
package import SaraiConfiguration
import SaraiCore
import SaraiMemory
import Synchronization

/// The models of a configuration, available at once.
///
/// A thin shell around ``PoolState``: it locks the state, lets it decide, and performs the actions that come back. The
/// state is behind a lock rather than in an actor because no decision waits for anything: finding a target or giving a
/// slot back is one short critical section, also from a `deinit`.
///
/// ``run()`` must be running for loads, health checks and waits to make progress.
package final class ModelPool: Sendable {
    /// What the lock protects.
    private struct Shared {
        var state: PoolState
        var waiting: [Int: CheckedContinuation<Route, any Error>] = [:]
        var nextWaiter = 0
        /// Ends a worker, by target: kept from the decision to start it, so that a stop can never come too early.
        var stops: [TargetID: StopSignal] = [:]
    }

    /// The configuration that the pool was made from.
    package let configuration: Configuration
    /// The headers of the models' files.
    package let headers = HeaderCache()
    let environment: PoolEnvironment
    let backends: [TargetID: any Backend]
    let logger: Logger
    private let shared: Mutex<Shared>
    private let work: AsyncStream<PoolAction>.Continuation
    /// What ``run()`` has to do; read by it alone.
    let actions: AsyncStream<PoolAction>

    /// A pool, with nothing loaded yet.
    ///
    /// - Parameters:
    ///   - configuration: the models and the budget.
    ///   - environment: the engine, the folders and the HTTP client.
    ///   - logger: for state changes.
    package init(configuration: Configuration, environment: PoolEnvironment, logger: Logger) {
        self.configuration = configuration
        self.environment = environment
        self.logger = logger
        let limits = BackendLimits(
            firstToken: configuration.timeouts.firstToken, stall: configuration.timeouts.stall)
        var backends: [TargetID: any Backend] = [:]
        for target in configuration.models.flatMap(\.targets) {
            backends[target.id] = environment.makeBackend(for: target, limits: limits)
        }
        self.backends = backends
        shared = Mutex(Shared(state: PoolState(configuration: configuration)))
        (actions, work) = AsyncStream.makeStream(of: PoolAction.self)
    }

    /// Lets the state decide, and performs what it decided.
    func perform(_ decide: (inout PoolState) -> [PoolAction]) {
        var resumed: [(CheckedContinuation<Route, any Error>, Result<Route, any Error>)] = []
        shared.withLock { shared in
            for action in decide(&shared.state) {
                switch action {
                case .grant(let waiter, let route):
                    if let continuation = shared.waiting.removeValue(forKey: waiter) {
                        resumed.append((continuation, .success(route)))
                    }
                case .refuse(let waiter, let error):
                    if let continuation = shared.waiting.removeValue(forKey: waiter) {
                        resumed.append((continuation, .failure(error)))
                    }
                case .stop(let target):
                    shared.stops[target]?.send()
                case .start(let target):
                    shared.stops[target] = StopSignal()
                    work.yield(action)
                case .inspect, .checkHealth:
                    work.yield(action)
                }
            }
        }
        for (continuation, result) in resumed {
            continuation.resume(with: result)
        }
    }

    /// Reads the state.
    func read<Value>(_ body: (PoolState) -> Value) -> Value {
        shared.withLock { body($0.state) }
    }

    /// The stop signal of a worker that is to be started.
    func stopSignal(of target: TargetID) -> StopSignal {
        shared.withLock { $0.stops[target] } ?? StopSignal()
    }

    /// Finds a target for a request, waiting for a slot or a load where that is needed.
    ///
    /// - Throws: ``PoolError``.
    func acquire(_ model: ModelName, needs: Needs, excluding excluded: [TargetID: Exclusion]) async throws -> Lease {
        let id = shared.withLock { shared in
            shared.nextWaiter += 1
            return shared.nextWaiter
        }
        let start = ContinuousClock.now
        var route = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                shared.withLock { $0.waiting[id] = continuation }
                let waiter = Waiter(
                    id: id, model: model, needs: needs, excluded: excluded,
                    deadline: start + configuration.timeouts.queue)
                perform { $0.request(waiter, now: start) }
                // A cancellation that came before the waiter was known found nothing to withdraw.
                if Task.isCancelled {
                    perform { $0.withdraw(waiter: id, model: model) }
                }
            }
        } onCancel: {
            perform { $0.withdraw(waiter: id, model: model) }
        }
        route.waited = start.duration(to: .now)
        let target = route.target
        let giveBack = { @Sendable [self] in perform { $0.release(target, now: .now) } }
        guard let backend = backends[target] else {
            giveBack()
            throw PoolError(.unavailable, "\(target) has no backend")
        }
        return Lease(route: route, backend: backend, giveBack: giveBack)
    }
}

/// Tells a worker's supervision to end it. Works also when it is sent before anybody listens.
struct StopSignal: Sendable {
    /// Ends when the signal is sent.
    let stream: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    init() {
        (stream, end) = AsyncStream.makeStream(of: Void.self)
    }

    /// Sends the signal; further calls do nothing.
    func send() {
        end.finish()
    }
}
