import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiMemory

@testable import SaraiPool

/// Drives a ``PoolState`` as the shell does, with a clock that only moves when told to.
struct PoolStateHarness {
    var state: PoolState
    var now = ContinuousClock.now
    /// What is in effect.
    private(set) var configuration: Configuration
    private(set) var outcomes: [Int: Result<Route, PoolError>] = [:]
    /// Workers that are held.
    private(set) var paused: Set<TargetID> = []
    private(set) var asked: [PoolAction] = []
    /// What was told, in order.
    private(set) var events: [PoolEvent.Body] = []
    private var nextWaiter = 0

    /// A pool of the models in `yaml`, which stand below `models:`.
    init(_ models: String, memory: String = "max_ram_gb: 1", server: String = "max_queue: 64") throws {
        configuration = try Self.configuration(models, memory: memory, server: server)
        state = PoolState(configuration: configuration, cores: 2, now: now)
    }

    /// Puts another configuration into effect, as the file would say it, with plans for local targets of given sizes, MiB.
    mutating func reload(
        _ models: String, memory: String = "max_ram_gb: 1", server: String = "max_queue: 64", more: String = "",
        sizes: [String: Int] = [:]
    ) throws {
        let new = try Self.configuration(models, memory: memory, server: server, more: more)
        var plans: [TargetID: TargetPlan] = [:]
        for (model, size) in sizes {
            plans[try local(model)] = Self.plan(.mebibytes(size))
        }
        let difference = ConfigurationDifference(from: configuration, to: new)
        configuration = new
        take(state.reload(new, difference, plans: plans, now: now))
    }

    static func configuration(
        _ models: String, memory: String, server: String, more: String = ""
    ) throws -> Configuration {
        let text = "models:\n\(models)\nmemory: {\(memory)}\nserver: {\(server)}\n\(more)\n"
        let paths = SaraiPaths(environment: [:], home: "/home/u", currentFolder: "/", userID: 1000)
        return try ConfigurationLoader(
            file: SourceFile(path: "test.yaml", text: text), paths: paths, machineMemory: .gibibytes(16),
            fileExists: { _ in true }
        ).load().configuration
    }

    /// Plans the local targets of some models with footprints of given sizes, MiB.
    mutating func plan(_ sizes: [String: Int], held: [String] = [], left: [String] = []) throws {
        var plans: [TargetID: TargetPlan] = [:]
        for (model, size) in sizes {
            var plan = Self.plan(.mebibytes(size), isHeld: held.contains(model))
            plan.isPlanned = !left.contains(model)
            plans[try local(model)] = plan
        }
        state.adopt(plans)
    }

    /// A plan for a target that takes `size`.
    static func plan(_ size: MemorySize, isHeld: Bool = false, slots: Int = 1) -> TargetPlan {
        TargetPlan(
            settings: LoadSettings(contextLength: 2048, slots: slots), footprint: Footprint(weightsMapped: size),
            isHeld: isHeld)
    }

    /// Asks a model something, loads it if that is admitted, and finishes the answer.
    mutating func use(_ model: String, size: Int = 100) throws {
        try request(model)
        try load(model, size: .mebibytes(size))
        try finish(model)
    }

    /// Ends a request that a model is answering.
    mutating func finish(_ model: String) throws {
        release(try local(model))
    }

    /// Gives back a slot of the worker that a target has now.
    mutating func release(_ id: TargetID) {
        take(state.release(route(to: id), .generation(hasMedia: false), .answered, now: now))
    }

    /// Reports that a request on a target failed.
    mutating func fail(_ id: TargetID, _ code: BackendError.Code = .unreachable, _ message: String = "it broke") {
        take(state.judge(route(to: id), .failed(BackendError(code, message)), random: 0.5, now: now))
    }

    /// Reports what came of a health check of a target.
    mutating func check(_ id: TargetID, failure: String? = nil) {
        guard let server = state[target: id]?.remote?.server else {
            take(state.workerChecked(id, failure: failure, now: now))
            return
        }
        let health = ServerHealth(models: ["solar:latest"], loaded: [], firstByte: .milliseconds(1))
        let result = failure.map { Result.failure(BackendError(.unreachable, $0)) } ?? .success(health)
        take(state.serverChecked(server, result, now: now))
    }

    /// The way to what a target is now.
    private func route(to id: TargetID) -> Route {
        let target = state[target: id]
        return Route(target: id, reason: "", run: target?.remote?.breaker.run ?? target?.run ?? 0)
    }

    /// Lets the worker of a model that was told to stop end.
    mutating func exit(_ model: String) throws {
        take(state.workerExited(try local(model), reason: "stopped", now: now))
    }

    /// Lets time pass.
    mutating func pass(_ duration: Duration) {
        now += duration
        take(state.tick(now: now))
    }

    /// Whether a model's worker answers.
    func isLoaded(_ model: String) throws -> Bool {
        state[target: try local(model)]?.isReady == true
    }

    /// A remote model with a local twin of the same name.
    static let hybrid = """
          solar:
            role: expert
            backend: ollama_http
            servers: ["http://10.0.0.7:11434"]
            fallback: gguf_native
            gguf: solar.gguf
        """

    /// A local model.
    static func local(_ name: String, _ more: String = "slots: 1") -> String {
        "  \(name): {role: small, backend: gguf_native, gguf: \(name).gguf, \(more)}"
    }

    /// Sends a request and returns its number.
    @discardableResult
    mutating func request(
        _ model: String, needs: Needs = .generation(hasMedia: false), excluding: [TargetID: Exclusion] = [:],
        keepAlive: KeepAlive? = nil, timeout: Duration = .seconds(60), client: String = ""
    ) throws -> Int {
        nextWaiter += 1
        let name = try name(model)
        let waiter = Waiter(
            id: nextWaiter, model: name, needs: needs, client: client, excluded: excluding, keepAlive: keepAlive,
            since: now,
            deadline: now + timeout)
        take(state.request(waiter, now: now))
        return nextWaiter
    }

    func name(_ text: String) throws -> ModelName {
        guard let name = ModelName(text) else {
            throw PoolError(.invalidRequest, text)
        }
        return name
    }

    func local(_ model: String) throws -> TargetID {
        let name = try name(model)
        let known = state.models[name]?.targets.first { $0.id.kind.isLocal }
        return known?.id ?? TargetID(model: name, kind: .gguf)
    }

    func remote(_ model: String) throws -> TargetID {
        TargetID(model: try name(model), kind: .ollama, server: "10.0.0.7:11434")
    }

    /// Lets `change` happen and notes what comes of it.
    mutating func take(_ actions: [PoolAction]) {
        for action in actions {
            switch action {
            case .grant(let waiter, let route): outcomes[waiter] = .success(route)
            case .refuse(let waiter, let error): outcomes[waiter] = .failure(error)
            case .inspect, .start, .warmUp, .settle, .refinePlan, .stop, .checkWorker, .watch: asked.append(action)
            case .post(let event): events.append(event)
            case .pause(let id): paused.insert(id)
            case .resume(let id): paused.remove(id)
            }
        }
    }

    /// Answers an inspection with a footprint of `size` and lets the worker become ready, if it was admitted.
    mutating func load(_ model: String, size: MemorySize = .mebibytes(100), pid: Int = 7) throws {
        let id = try local(model)
        take(state.inspected(id, .success(Self.plan(size, slots: state[target: id]?.capacity ?? 1)), now: now))
        if case .loading = state[target: id]?.phase {
            take(state.workerStarted(id, pid: pid, now: now))
            take(state.workerLoaded(id, isPeakKnown: true, now: now))
        }
    }

    /// The actions asked for since the last call, as text: `start lfm2/gguf_native`.
    mutating func takeAsked() -> [String] {
        defer { asked = [] }
        return asked.map { action in
            switch action {
            case .inspect(let id): "inspect \(id)"
            case .start(let id): "start \(id)"
            case .settle(let id): "settle \(id)"
            case .warmUp(let id): "warm up \(id)"
            case .stop(let id): "stop \(id)"
            case .pause(let id): "pause \(id)"
            case .resume(let id): "resume \(id)"
            case .refinePlan: "plan"
            case .checkWorker(let id): "check \(id)"
            case .watch(let server): "watch \(server.url)"
            case .grant, .refuse, .post: "outcome"
            }
        }
    }

    /// The target that a request got.
    func route(_ waiter: Int) -> Route? {
        try? outcomes[waiter]?.get()
    }

    /// The error that a request got.
    func error(_ waiter: Int) -> PoolError? {
        guard case .failure(let error) = outcomes[waiter] else {
            return nil
        }
        return error
    }
}
