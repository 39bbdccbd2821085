import SaraiConfiguration
import SaraiCore
import SaraiMemory

@testable import SaraiPool

/// Drives a ``PoolState`` as the shell does, with a clock that only moves when told to.
struct PoolStateHarness {
    var state: PoolState
    var now = ContinuousClock.now
    private(set) var outcomes: [Int: Result<Route, PoolError>] = [:]
    private(set) var asked: [PoolAction] = []
    private var nextWaiter = 0

    /// A pool of the models in `yaml`, which stand below `models:`.
    init(_ models: String, memory: String = "max_ram_gb: 1", server: String = "max_queue: 64") throws {
        let text = "models:\n\(models)\nmemory: {\(memory)}\nserver: {\(server)}\n"
        let paths = SaraiPaths(environment: [:], home: "/home/u", currentFolder: "/", userID: 1000)
        let loader = ConfigurationLoader(
            file: SourceFile(path: "test.yaml", text: text), paths: paths, machineMemory: .gibibytes(16),
            fileExists: { _ in true })
        state = PoolState(configuration: try loader.load().configuration)
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
        timeout: Duration = .seconds(60)
    ) throws -> Int {
        nextWaiter += 1
        let name = try name(model)
        let waiter = Waiter(
            id: nextWaiter, model: name, needs: needs, excluded: excluding, deadline: now + timeout)
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
        TargetID(model: try name(model), kind: .gguf)
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
            case .inspect, .start, .stop, .checkHealth: asked.append(action)
            }
        }
    }

    /// Answers an inspection with a footprint of `size` and lets the worker become ready, if it was admitted.
    mutating func load(_ model: String, size: MemorySize = .mebibytes(100), pid: Int = 7) throws {
        let id = try local(model)
        take(state.inspected(id, .success(Footprint(weightsMapped: size)), now: now))
        if case .loading = state[target: id]?.phase {
            state.workerStarted(id, pid: pid)
            take(state.workerReady(id, now: now))
        }
    }

    /// The actions asked for since the last call, as text: `start lfm2/gguf_native`.
    mutating func takeAsked() -> [String] {
        defer { asked = [] }
        return asked.map { action in
            switch action {
            case .inspect(let id): "inspect \(id)"
            case .start(let id): "start \(id)"
            case .stop(let id): "stop \(id)"
            case .checkHealth(let id): "check \(id)"
            case .grant, .refuse: "outcome"
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
