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
        /// Reach into workers: kept from the decision to start one, so that no word to it can come too early.
        var workers: [TargetID: WorkerHandle] = [:]
        /// Speak to targets. A worker's is made with the worker, since it depends on how that is loaded.
        var backends: [TargetID: any Backend] = [:]
    }

    /// The configuration that the pool was made from.
    package let configuration: Configuration
    /// The headers of the models' files.
    package let headers = HeaderCache()
    /// Plans how models are loaded.
    let planner: ConfigurationPlanner
    let environment: PoolEnvironment
    let limits: BackendLimits
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
        self.limits = limits
        planner = ConfigurationPlanner(
            configuration: configuration, headers: headers, footprints: environment.footprints,
            engine: try? environment.engine.get())
        var shared = Shared(state: PoolState(configuration: configuration, cores: UsableCores.count(), now: .now))
        for case .remote(let target) in configuration.models.flatMap(\.targets) {
            shared.backends[target.id] = target.makeBackend(client: environment.client, limits: limits)
        }
        self.shared = Mutex(shared)
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
                    shared.workers[target]?.stop.send()
                case .pause(let target):
                    shared.workers[target]?.control.pause()
                case .resume(let target):
                    shared.workers[target]?.control.resume()
                case .start(let target):
                    shared.workers[target] = WorkerHandle()
                    work.yield(action)
                case .inspect, .warmUp, .settle, .checkHealth:
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

    /// What speaks to a target; `nil` for a local one that was never started.
    func backend(of target: TargetID) -> (any Backend)? {
        shared.withLock { $0.backends[target] }
    }

    /// Notes what speaks to a target from now on.
    func setBackend(_ backend: any Backend, of target: TargetID) {
        shared.withLock { $0.backends[target] = backend }
    }

    /// The handle of a worker that is to be started.
    func handle(of target: TargetID) -> WorkerHandle {
        shared.withLock { $0.workers[target] } ?? WorkerHandle()
    }

    /// Finds a target for a request, waiting for a slot or a load where that is needed.
    ///
    /// - Throws: ``PoolError``.
    func acquire(
        _ model: ModelName, needs: Needs, keepAlive: KeepAlive? = nil, excluding excluded: [TargetID: Exclusion]
    ) async throws -> Lease {
        let id = shared.withLock { shared in
            shared.nextWaiter += 1
            return shared.nextWaiter
        }
        let start = ContinuousClock.now
        var route = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                shared.withLock { $0.waiting[id] = continuation }
                let waiter = Waiter(
                    id: id, model: model, needs: needs, excluded: excluded, keepAlive: keepAlive, since: start,
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
        let giveBack = { @Sendable [self, route] isInterrupted in
            perform { $0.release(route, needs, isInterrupted: isInterrupted, now: .now) }
        }
        guard let backend = backend(of: target) else {
            giveBack(false)
            throw PoolError(.unavailable, "\(target) has no backend")
        }
        return Lease(route: route, backend: backend, giveBack: giveBack)
    }
}

/// Reaches into one worker from outside of the task that runs it.
struct WorkerHandle: Sendable {
    /// Ends it.
    let stop = StopSignal()
    /// Holds it and lets it run on.
    let control = WorkerControl()
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
