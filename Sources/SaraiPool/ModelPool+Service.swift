import Logging
import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiMemory
import ServiceLifecycle

extension ModelPool: Service {
    /// Runs the pool until it is cancelled or told to shut down; then every worker is ended before this returns.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { self.predict() }
                group.addTask { await self.keepTime() }
                group.addTask { await self.watchMemory() }
                for target in self.configuration.models.flatMap(\.targets) {
                    if case .remote(let remote) = target {
                        group.addTask { await self.watchHealth(of: remote.id) }
                    }
                }
                for await action in self.actions {
                    group.addTask { await self.perform(action) }
                }
                group.cancelAll()
            }
        }
        perform { $0.shutDown() }
    }

    /// Stops taking requests; running answers go on.
    package func refuseNewRequests() {
        perform { $0.shutDown() }
    }

    private func perform(_ action: PoolAction) async {
        switch action {
        case .inspect(let target): inspect(target)
        case .start(let target): await runWorker(of: target)
        case .checkHealth(let target): await checkHealth(of: target)
        // Done at once, where the state is locked.
        case .stop, .grant, .refuse: break
        }
    }

    /// Finds out what each local target will need, so that the state tells it before anything is loaded.
    ///
    /// What is wrong with a file is said when the model is asked for, and by `sarai doctor`.
    private func predict() {
        for case .local(let target) in configuration.models.flatMap(\.targets) {
            guard let footprint = try? TargetInspection.footprint(of: target, headers: headers).get() else {
                continue
            }
            perform {
                $0.update(target.id) { $0.predicted = footprint }
                return []
            }
        }
    }

    /// Reads the headers of a local target's files.
    private func inspect(_ id: TargetID) {
        guard case .local(let target) = read({ $0[target: id]?.configuration }) else {
            return
        }
        let result = TargetInspection.footprint(of: target, headers: headers)
        if case .failure(let error) = result {
            logger.error("model file refused", metadata: ["target": "\(id)", "error": "\(error)"])
        }
        perform { $0.inspected(id, result, now: .now) }
    }

    /// Runs a worker from start to end.
    private func runWorker(of id: TargetID) async {
        guard case .local(let target) = read({ $0[target: id]?.configuration }),
            let files = environment.files(of: id)
        else {
            return
        }
        let exit: WorkerExit
        switch environment.engine {
        case .failure(let error):
            exit = WorkerExit(.notStarted(error.message))
        case .success(let engine):
            logger.info("worker starting", metadata: ["target": "\(id)", "file": "\(target.gguf)"])
            let worker = LlamaWorker(
                engine: engine, settings: LlamaServerSettings(target), files: files,
                client: environment.client,
                loadTimeout: configuration.timeouts.load)
            exit = await worker.run(stop: stopSignal(of: id).stream) { [self] event in
                workerReported(id, event)
            }
        }
        if Task.isCancelled || read({ $0[target: id]?.isDraining ?? true }) {
            logger.info("worker ended as asked", metadata: ["target": "\(id)"])
        } else {
            logger.error("worker ended", metadata: ["target": "\(id)", "how": "\(exit)"])
        }
        perform { $0.workerExited(id, reason: "\(exit)", now: .now) }
    }

    private func workerReported(_ id: TargetID, _ event: LlamaWorker.Event) {
        switch event {
        case .started(let pid):
            perform {
                $0.workerStarted(id, pid: pid)
                return []
            }
        case .loading(let progress):
            perform {
                $0.workerProgressed(id, progress: progress)
                return []
            }
        case .ready:
            perform { $0.workerReady(id, now: .now) }
            let duration = read { $0[target: id]?.loadDuration?.seconds } ?? 0
            logger.info(
                "worker ready", metadata: ["target": "\(id)", "seconds": "\(duration.formatted(decimals: 2))"])
            measure(id)
        }
    }

    private func checkHealth(of id: TargetID) async {
        guard let backend = backends[id] else {
            return
        }
        var failure: String?
        do {
            try await backend.checkHealth()
        } catch is CancellationError {
            return
        } catch {
            failure = "\(error)"
        }
        let wasUp = read { $0[target: id]?.isUp } ?? false
        if id.kind.isLocal == false, wasUp != (failure == nil) {
            logger.notice(
                failure == nil ? "target recovered" : "target down",
                metadata: ["target": "\(id)", "reason": "\(failure ?? "healthy")"])
        }
        perform { $0.healthChecked(id, failure: failure, now: .now) }
    }

    private func watchHealth(of id: TargetID) async {
        while !Task.isCancelled {
            await checkHealth(of: id)
            try? await Task.sleep(for: configuration.timeouts.healthInterval)
        }
    }

    /// Ends waits and back-offs on time. A look at an idle pool costs about a microsecond.
    private func keepTime() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(100))
            perform { $0.tick(now: .now) }
        }
    }

    /// Measures workers: often while they work, when their memory changes, and seldom while they rest.
    private func watchMemory() async {
        var lap = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(5))
            lap += 1
            let targets = read { state in
                state.models.values.flatMap(\.targets).filter { $0.pid != nil && ($0.inFlight > 0 || lap % 12 == 0) }
            }
            for target in targets {
                measure(target.id)
            }
        }
    }

    /// Reads a worker's memory.
    func measure(_ id: TargetID) {
        guard let pid = read({ $0[target: id]?.pid }), let memory = try? ProcessMemory.read(pid: Int32(pid)) else {
            return
        }
        var excess = MemorySize.zero
        perform {
            excess = $0.measured(id, memory)
            return []
        }
        if excess > .zero {
            logger.warning("over budget", metadata: ["target": "\(id)", "excess": "\(excess)"])
        }
    }
}

extension LlamaServerSettings {
    /// The settings that a configured target runs with.
    init(_ target: LocalTargetConfiguration) {
        self.init(
            gguf: target.gguf, mmproj: target.mmproj, contextLength: target.contextLength, slots: target.slots,
            threads: target.threads ?? UsableCores.count(), isEmbedding: target.isEmbedding)
    }
}
