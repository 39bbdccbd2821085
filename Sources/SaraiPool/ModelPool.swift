package import Logging
import SaraiBackends
package import SaraiConfiguration
import SaraiCore
import SaraiMemory
package import SaraiMetrics
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
        var configuration: Configuration
        var planner: ConfigurationPlanner
        /// Reach into workers: kept from the decision to start one, so that no word to it can come too early.
        var workers: [TargetID: WorkerHandle] = [:]
        /// Make what speaks to targets. A worker's comes with the worker, since it depends on how that is loaded.
        var makers: [TargetID: BackendMaker]
        var numbers: WorkerNumbers
    }

    /// Makes what speaks to a target, with the limits that hold now.
    typealias BackendMaker = @Sendable (BackendLimits) -> any Backend

    /// The headers of the models' files.
    package let headers = HeaderCache()
    let environment: PoolEnvironment
    let logger: Logger
    /// What was counted since the daemon started.
    package let metrics = MetricRegistry()
    /// Where everything that happens is told.
    package let events: EventHub
    /// What is being answered.
    let requests = RunningRequests()
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
        self.environment = environment
        self.logger = logger
        events = EventHub(logger: logger, metrics: metrics)
        let planner = ConfigurationPlanner(
            configuration: configuration, headers: headers, footprints: environment.footprints,
            engine: try? environment.engine.get(), whisperPython: try? environment.whisperPython.get())
        shared = Mutex(
            Shared(
                state: PoolState(configuration: configuration, cores: UsableCores.count(), now: .now),
                configuration: configuration, planner: planner, makers: environment.makers(of: configuration),
                numbers: WorkerNumbers(configuration)))
        (actions, work) = AsyncStream.makeStream(of: PoolAction.self)
        metrics.prepare(configuration)
    }

    /// The configuration in effect.
    package var configuration: Configuration {
        shared.withLock(\.configuration)
    }

    /// Plans how models are loaded.
    package var planner: ConfigurationPlanner {
        shared.withLock(\.planner)
    }

    /// The planner, and the number of the configuration that it plans for.
    func currentPlanner() -> (planner: ConfigurationPlanner, revision: Int) {
        shared.withLock { ($0.planner, $0.state.revision) }
    }

    /// Lets the state decide, and performs what it decided.
    func perform(_ decide: (inout PoolState) -> [PoolAction]) {
        change { decide(&$0.state) }
    }

    /// Puts another configuration in place of the present one, in one step.
    ///
    /// - Parameters:
    ///   - planner: plans for the new configuration.
    ///   - decide: lets the state take it over.
    func replaceConfiguration(with planner: ConfigurationPlanner, _ decide: (inout PoolState) -> [PoolAction]) {
        change { [environment] shared in
            shared.configuration = planner.configuration
            shared.planner = planner
            let actions = decide(&shared.state)
            // A worker that was taken out answers until it ends, and has its files as long.
            let isGone: (TargetID) -> Bool = { [state = shared.state] in !$0.kind.isLocal || state[target: $0] == nil }
            shared.makers = shared.makers.filter { !isGone($0.key) }
            shared.makers.merge(environment.makers(of: planner.configuration)) { _, new in new }
            shared.workers = shared.workers.filter { !isGone($0.key) }
            shared.numbers.update(planner.configuration, isGone: isGone)
            return actions
        }
    }

    private func change(_ decide: (inout Shared) -> [PoolAction]) {
        var resumed: [(CheckedContinuation<Route, any Error>, Result<Route, any Error>)] = []
        var news: [PoolEvent.Body] = []
        shared.withLock { shared in
            for action in decide(&shared) {
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
                case .post(let event):
                    news.append(event)
                case .inspect, .warmUp, .settle, .refinePlan, .checkWorker, .watch:
                    work.yield(action)
                }
            }
        }
        news.forEach(events.post)
        for (continuation, result) in resumed {
            continuation.resume(with: result)
        }
    }

    /// Changes the state where that asks for no action.
    func change<Value>(_ body: (inout PoolState) -> Value) -> Value {
        shared.withLock { body(&$0.state) }
    }

    /// Reads the state.
    func read<Value>(_ body: (PoolState) -> Value) -> Value {
        shared.withLock { body($0.state) }
    }

    /// What speaks to a target; `nil` for a local one that was never started.
    func backend(of target: TargetID) -> (any Backend)? {
        shared.withLock { $0.makers[target]?(BackendLimits($0.configuration.timeouts)) }
    }

    /// Notes what makes what speaks to a target from now on.
    func setBackend(of target: TargetID, _ make: @escaping BackendMaker) {
        shared.withLock { $0.makers[target] = make }
    }

    /// The files of a local target's worker.
    func files(of target: TargetID) -> WorkerFiles? {
        shared.withLock { $0.numbers[target] }.map { environment.files(of: target.model, number: $0) }
    }

    /// Forgets a worker that has ended, if its target was taken out.
    func forgetIfGone(_ target: TargetID) {
        shared.withLock { shared in
            if shared.state[target: target] == nil {
                shared.makers[target] = nil
                shared.workers[target] = nil
                shared.numbers.release(target)
            }
        }
    }

    /// The handle of a worker that is to be started.
    func handle(of target: TargetID) -> WorkerHandle {
        shared.withLock { $0.workers[target] } ?? WorkerHandle()
    }

    /// Finds a target for a request, waiting for a slot or a load where that is needed.
    ///
    /// - Parameters:
    ///   - model: whose targets.
    ///   - needs: what is asked of them.
    ///   - keepAlive: how long the model is to stay loaded afterwards; `nil` is as configured.
    ///   - caller: who asks.
    ///   - excluded: targets that are out of the question.
    ///   - isRetry: whether a target has begun with the request already, and failed.
    /// - Returns: a slot of a target.
    /// - Throws: ``PoolError``.
    func acquire(
        _ model: ModelName, needs: Needs, keepAlive: KeepAlive? = nil, caller: Caller = Caller(),
        excluding excluded: [TargetID: Exclusion] = [:], isRetry: Bool = false
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
                    id: id, model: model, needs: needs, client: caller.name,
                    isUnderWay: isRetry || caller.isUnderWay, excluded: excluded,
                    keepAlive: keepAlive, since: start, deadline: start + configuration.timeouts.queue)
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
        let giveBack = { @Sendable [self, route] (outcome: Outcome) in
            perform { $0.release(route, needs, outcome, random: .random(in: 0..<1), now: .now) }
        }
        guard let backend = backend(of: target) else {
            giveBack(.abandoned)
            throw PoolError(.unavailable, "\(target) has no backend")
        }
        return Lease(route: route, backend: backend, giveBack: giveBack)
    }
}
