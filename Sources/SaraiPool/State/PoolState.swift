import DequeModule
import SaraiConfiguration
import SaraiCore
import SaraiMemory

/// Every decision of the pool: which target answers, what is loaded, who waits, who is refused.
///
/// Pure: methods change the state and return actions; nothing here waits, reads a clock or does I/O. The shell,
/// ``ModelPool``, performs the actions and reports back what happened.
struct PoolState: Sendable {
    /// A moment of the monotonic clock.
    typealias Instant = ContinuousClock.Instant

    /// A model and who waits for it.
    struct Model: Sendable {
        var configuration: ModelConfiguration
        /// Whether it is never unloaded for others.
        var isPinned: Bool
        /// How many need it to stay loaded for their next step.
        var holds = 0
        /// How long it stays loaded after a request that does not say.
        var keepAlive: KeepAlive
        /// In order of preference.
        var targets: [TargetState]
        /// In the order of arrival.
        var waiting: Deque<Waiter> = []
        /// Whose turn it is.
        var turns = FairOrder<String>()
        /// How many requests of each client run.
        var running: [String: Int] = [:]

        /// Those who wait, those in front who are served first.
        mutating func line() -> [Waiter] {
            waiting.count > 1 ? turns.sorted(waiting, inFlight: running, id: \.id, client: \.client) : Array(waiting)
        }
    }

    /// In the order of the configuration.
    var names: [ModelName] = []
    var models: [ModelName: Model] = [:]
    var ledger: MemoryLedger
    /// Which workers run when not all can.
    var cores: CoreLedger
    /// Requests that may wait for one model.
    var maxQueue: Int
    /// For models that do not say.
    var defaultOnFull: OnFull
    /// Whether a load ends with a full step.
    var warmUp: MemoryConfiguration.WarmUp
    /// When servers are left alone.
    var breakers: BreakerPolicy
    /// How many requests may be tried again at the same time.
    var retries: RetryBudget
    /// How short the machine is of memory.
    var pressure = PressureLevel.calm
    /// When the next idle model may be unloaded because of that.
    var nextRelief: Instant
    let restarts: RestartPolicy
    /// How many configurations there were before this one: what was planned for an earlier one is of no use.
    var revision = 0
    /// Servers whose health is being checked.
    var watched: Set<Server> = []
    /// No new requests; what runs may finish.
    var isShuttingDown = false
    /// When time was last let pass; `nil` before the pool runs.
    var lastTick: Instant?

    /// A pool in which nothing is loaded.
    ///
    /// - Parameters:
    ///   - configuration: the models and the budget.
    ///   - cores: processor cores that the workers may use.
    ///   - now: the time.
    ///   - restarts: what becomes of workers that fail.
    init(configuration: Configuration, cores: Int, now: Instant, restarts: RestartPolicy = RestartPolicy()) {
        ledger = MemoryLedger(
            budget: configuration.memory.budget, maxConcurrentLLMs: configuration.memory.maxConcurrentLLMs)
        self.cores = CoreLedger(cores: cores)
        nextRelief = now
        maxQueue = configuration.server.maxQueue
        defaultOnFull = configuration.memory.onFull
        warmUp = configuration.memory.warmUp
        breakers = BreakerPolicy(configuration.failover)
        retries = RetryBudget(share: configuration.failover.retryShare)
        self.restarts = restarts
        for model in configuration.models {
            names.append(model.name)
            let keepAlive = model.keepAlive ?? configuration.memory.keepAlive
            models[model.name] = Model(
                configuration: model, isPinned: model.isPinned, keepAlive: keepAlive,
                targets: model.targets.map {
                    TargetState($0, keepAlive: keepAlive, policy: breakers, now: now)
                })
        }
    }

    subscript(target id: TargetID) -> TargetState? {
        models[id.model]?.targets.first { $0.id == id }
    }

    /// Changes a target in place; does nothing if there is no such target.
    mutating func update(_ id: TargetID, _ change: (inout TargetState) -> Void) {
        guard let index = models[id.model]?.targets.firstIndex(where: { $0.id == id }) else {
            return
        }
        if var target = models[id.model]?.targets[index] {
            change(&target)
            models[id.model]?.targets[index] = target
        }
    }
}

extension BreakerPolicy {
    /// The policy of a configuration.
    init(_ configuration: FailoverConfiguration) {
        self.init(
            ejectAfter: configuration.ejectAfter, ejection: configuration.ejection,
            maxEjection: configuration.maxEjection, slowStart: configuration.slowStart)
    }
}
