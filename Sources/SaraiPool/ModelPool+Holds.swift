package import SaraiCore

/// A model that is held, and what is asked of it meanwhile.
package struct HeldModel: Hashable, Sendable {
    /// The model.
    package let name: ModelName
    /// Each of them may be for another of its targets: not every API has sounds. Never empty.
    let needs: [Needs]

    /// A model, and what is asked of it.
    package init(_ name: ModelName, needs: [Needs]) {
        self.name = name
        self.needs = needs
    }
}

/// Several models for one answer.
extension ModelPool {
    /// How often models are loaded that were unloaded for others before the last of them was there.
    private static let tries = 3
    /// How long a load may take that can be done without.
    private static let patienceForOthers = Duration.seconds(30)
    /// How long a model stays at least that waits for the others to be loaded, whatever the client or the configuration says.
    private static let untilHeld = KeepAlive.limited(.seconds(600))

    /// Makes models available and keeps them so while `body` runs: between its requests nothing is loaded or unloaded.
    ///
    /// Nobody holds a model while it waits for another, so that two of these can never wait for each other.
    ///
    /// - Parameters:
    ///   - models: what `body` needs, each once.
    ///   - others: what it can do without, if that cannot be loaded.
    ///   - caller: who asks.
    ///   - body: uses the models that it gets, all of `models` and those of `others` that are there.
    /// - Returns: what `body` returns.
    /// - Throws: ``SaraiCore/PoolError`` if a model cannot be made available, and what `body` throws.
    package func keeping<Result>(
        _ models: [HeldModel], others: [HeldModel] = [], caller: Caller = Caller(),
        _ body: (Set<ModelName>) async throws -> Result
    ) async throws -> Result {
        var required = models + others
        for attempt in 1... {
            if change({ [required] in $0.hold(models + others, available: required, now: .now) }) {
                break
            }
            guard attempt <= Self.tries else {
                let names = models.map(\.name.rawValue).joined(separator: ", ")
                throw PoolError(
                    .poolFull,
                    "\(names) do not stay loaded together: others need the memory too. 'sarai plan' says what fits")
            }
            try await load(models, others: others, caller: caller)
            // What could not be loaded is done without.
            required = models
        }
        defer { perform { $0.endHold((models + others).map(\.name), now: .now) } }
        let available = read { state in models + others.filter { state.isAvailable($0, now: .now) } }
        return try await body(Set(available.map(\.name)))
    }

    /// Makes a model available for all that is asked of it.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - keepAlive: how long it is to stay loaded when nobody uses it; `nil` is as configured.
    ///   - caller: who asks.
    /// - Returns: the target that would answer what is asked last.
    /// - Throws: ``SaraiCore/PoolError``.
    package func load(
        _ model: HeldModel, keepAlive: KeepAlive? = nil, caller: Caller = Caller()
    ) async throws -> Route {
        var route: Route?
        for needs in model.needs {
            let excluded = read { $0.targets(of: model.name, unableTo: needs) }
            route = try await load(model.name, excluding: excluded, keepAlive: keepAlive, caller: caller)
        }
        guard let route else {
            return try await load(model.name, keepAlive: keepAlive, caller: caller)
        }
        return route
    }

    /// Starts to load what the next request to a model would need, if there is room beside all that is loaded.
    ///
    /// - Returns: whether a load begins.
    package func warm(_ model: ModelName) -> Bool {
        var begins = false
        perform { state in
            let actions = state.warm(model, now: .now)
            begins = !actions.isEmpty
            return actions
        }
        return begins
    }

    /// Loads all at once.
    private func load(_ models: [HeldModel], others: [HeldModel], caller: Caller) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for model in models {
                group.addTask { [self] in try await reserve(model, caller: caller) }
            }
            for model in others {
                group.addTask { [self] in
                    let late = PoolError(.timedOut, "the load takes too long")
                    _ = try? await withDeadline(Self.patienceForOthers, error: late) { [self] in
                        try await reserve(model, caller: caller)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Waits until a target of a model would answer each thing that is asked of it. Servers are not asked to load: the first
    /// request does that.
    private func reserve(_ model: HeldModel, caller: Caller) async throws {
        for needs in model.needs {
            let excluded = read { $0.targets(of: model.name, unableTo: needs) }
            try await acquire(
                model.name, needs: .load, keepAlive: Self.untilHeld, caller: caller, excluding: excluded
            ).end(.abandoned)
        }
    }
}
