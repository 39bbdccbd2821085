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
        let configuration: ModelConfiguration
        /// Whether it is never unloaded for others.
        var isPinned: Bool
        /// How long it stays loaded after a request that does not say.
        let keepAlive: KeepAlive
        /// In order of preference.
        var targets: [TargetState]
        /// First come, first served.
        var waiting: Deque<Waiter> = []
    }

    /// In the order of the configuration.
    private(set) var names: [ModelName] = []
    var models: [ModelName: Model] = [:]
    var ledger: MemoryLedger
    /// Which workers run when not all can.
    var cores: CoreLedger
    let maxQueue: Int
    /// For models that do not say.
    let defaultOnFull: OnFull
    /// Whether a load ends with a full step.
    let warmUp: MemoryConfiguration.WarmUp
    /// How short the machine is of memory.
    var pressure = PressureLevel.calm
    /// When the next idle model may be unloaded because of that.
    var nextRelief: Instant
    let restarts: RestartPolicy
    /// No new requests; what runs may finish.
    var isShuttingDown = false

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
        self.restarts = restarts
        for model in configuration.models {
            names.append(model.name)
            let keepAlive = model.keepAlive ?? configuration.memory.keepAlive
            models[model.name] = Model(
                configuration: model, isPinned: model.isPinned, keepAlive: keepAlive,
                targets: model.targets.map { TargetState($0, keepAlive: keepAlive, now: now) })
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
