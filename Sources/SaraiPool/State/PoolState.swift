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
        /// In order of preference.
        var targets: [TargetState]
        /// First come, first served.
        var waiting: Deque<Waiter> = []
    }

    /// In the order of the configuration.
    private(set) var names: [ModelName] = []
    var models: [ModelName: Model] = [:]
    var ledger: MemoryLedger
    let maxQueue: Int
    let restarts: RestartPolicy
    /// No new requests; what runs may finish.
    var isShuttingDown = false

    init(configuration: Configuration, restarts: RestartPolicy = RestartPolicy()) {
        ledger = MemoryLedger(
            budget: configuration.memory.budget, maxConcurrentLLMs: configuration.memory.maxConcurrentLLMs)
        maxQueue = configuration.server.maxQueue
        self.restarts = restarts
        for model in configuration.models {
            names.append(model.name)
            models[model.name] = Model(configuration: model, targets: model.targets.map(TargetState.init))
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
