import Logging
import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SystemPackage

/// Workers, from a look at their files to their end.
extension ModelPool {
    /// Looks at a local target's files, so that its load is admitted with what it will really take.
    func inspect(_ id: TargetID) async {
        guard case .local(let target) = read({ $0[target: id]?.configuration }) else {
            return
        }
        let result = await prediction(of: target)
        if case .failure(let error) = result {
            logger.error("model file refused", metadata: ["target": "\(id)", "error": "\(error)"])
        }
        perform { $0.inspected(id, of: target, result, now: .now) }
    }

    /// Runs a worker from start to end.
    func runWorker(of id: TargetID) async {
        guard let (target, load) = read({ state in state[target: id].map { ($0.started, $0.loaded) } }), let target,
            let load,
            let files = files(of: id)
        else {
            return
        }
        let handle = handle(of: id)
        let exit: WorkerExit
        switch environment.command(for: target, load, socket: files.socket) {
        case .failure(let error):
            exit = WorkerExit(.notStarted(error.message))
        case .success(let command):
            logger.info(
                "worker starting", metadata: ["target": "\(id)", "file": "\(target.path)", "settings": "\(load)"])
            setBackend(of: id, environment.maker(for: target, load, socket: files.socket, control: handle.control))
            let limits = limits(of: target, name: files.name)
            defer { try? limits.group?.remove() }
            let worker = ModelWorker(
                command: command, files: files, limits: limits, client: environment.client,
                loadTimeout: configuration.timeouts.load)
            exit = await worker.run(stop: handle.stop.stream, control: handle.control) { [self] event in
                if case .started(let pid) = event {
                    join(limits.group, pid: pid, of: id)
                }
                workerReported(id, event)
            }
        }
        let wasAsked = Task.isCancelled || read { $0[target: id]?.isDraining ?? true }
        if wasAsked {
            _ = releasePages(of: target, ending: id)
        }
        saveFootprints()
        let isEndOfAll = Task.isCancelled
        perform {
            $0.workerExited(id, reason: "\(exit)", isForMemory: exit.isForMemory, isEndOfAll: isEndOfAll, now: .now)
        }
        forgetIfGone(id)
        if wasAsked {
            await releaseRest(of: target)
        }
    }

    /// What keeps a worker near what was predicted for it.
    private func limits(of target: LocalTargetConfiguration, name: String) -> WorkerLimits {
        let id = target.id, threads = target.usedThreads
        // The other machines that hold a part of the model must be reached.
        let network = target.rpc.isEmpty ? environment.network : .none
        guard let footprint = read({ $0[target: id]?.predicted }) else {
            return WorkerLimits(network: network)
        }
        let isSpeech = target.whisper != nil
        var limits = WorkerLimits(
            data: WorkerLimits.data(for: footprint, threads: threads, isSpeech: isSpeech), network: network)
        do throws(ControlGroupTree.Refusal) {
            let limit = WorkerLimits.resident(for: footprint, threads: threads, isSpeech: isSpeech)
            limits.group = try environment.groups?.makeGroup("worker-\(name)", limit: limit)
        } catch {
            logger.warning("no cgroup for worker", metadata: ["target": "\(id)", "reason": "\(error)"])
        }
        return limits
    }

    /// Moves a worker into its cgroup.
    private func join(_ group: ControlGroup?, pid: Int, of id: TargetID) {
        do throws(ControlGroupTree.Refusal) {
            try group?.add(pid: Int32(pid))
        } catch {
            logger.warning(
                "worker not in its cgroup, which would limit its memory",
                metadata: ["target": "\(id)", "reason": "\(error)"])
        }
    }

    private func workerReported(_ id: TargetID, _ event: ModelWorker.Event) {
        switch event {
        case .started(let pid):
            perform { $0.workerStarted(id, pid: pid, now: .now) }
        case .loading(let progress):
            perform { $0.workerProgressed(id, progress: progress) }
        case .ready:
            let isPeakKnown = isPeakKnown(of: id)
            perform { $0.workerLoaded(id, isPeakKnown: isPeakKnown, now: .now) }
            let duration = read { $0[target: id]?.loadDuration?.seconds } ?? 0
            logger.info(
                "worker loaded", metadata: ["target": "\(id)", "seconds": "\(duration.formatted(decimals: 2))"])
            measure(id)
            measureKinds(id)
        }
    }

    /// Brings a loaded worker to its peak, so that it is known before somebody needs the last of the memory.
    func warmUp(_ id: TargetID) async {
        if let files = files(of: id), let load = read({ $0[target: id]?.loaded }) {
            do {
                let warmUp = WorkerWarmUp(client: environment.client, limit: configuration.timeouts.load)
                try await warmUp.run(socket: files.socket, settings: load)
                measure(id, afterFullStep: true)
                measureKinds(id)
            } catch {
                // It may still answer requests; if not, that will be seen then.
                logger.warning("warm-up failed", metadata: ["target": "\(id)", "error": "\(error)"])
            }
        }
        perform { $0.workerReady(id, now: .now) }
    }

    /// Waits until a worker has finished the step that it was at when its client left. Until then it has its share of the
    /// cores, after those who have somebody to answer.
    func settle(_ id: TargetID) async {
        guard let files = files(of: id), let run = read({ $0[target: id]?.run }) else {
            return
        }
        let slots = WorkerSlots(client: environment.client, socket: files.socket)
        while !Task.isCancelled, read({ $0[target: id]?.run == run && $0[target: id]?.isReady == true }) {
            if let isIdle = try? await slots.areIdle(patience: .seconds(10)), isIdle {
                break
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
        perform { $0.settled(id, run: run, now: .now) }
    }

    /// What is not worth another try: pages that something else reads now and then.
    private static let pagesWorthReleasing = MemorySize.mebibytes(1)

    /// Gives back what was still in use when its worker ended. Whoever reads a process's memory map, to measure it, keeps
    /// the mappings alive for a moment after its end; and pages that are not on the disk yet cannot be given back.
    private func releaseRest(of target: LocalTargetConfiguration) async {
        for attempt in 1...5 {
            try? await Task.sleep(for: .milliseconds(100 * attempt * attempt))
            guard !Task.isCancelled, releasePages(of: target) > Self.pagesWorthReleasing else {
                return
            }
        }
    }

    /// Gives the cached pages of a worker's files back, unless a worker uses the same file.
    ///
    /// - Parameters:
    ///   - target: whose files.
    ///   - ending: a target whose worker has ended, though the state does not know it yet.
    /// - Returns: what is left of them, where nobody uses them.
    private func releasePages(of target: LocalTargetConfiguration, ending: TargetID? = nil) -> MemorySize {
        let inUse = read { state in
            state.models.values.flatMap(\.targets).filter { $0.hasWorker && $0.id != ending }.flatMap(\.files)
        }
        var left = MemorySize.zero
        for file in target.files where !inUse.contains(file) {
            do throws(MeasurementError) {
                let rest = try PageCache.release(FilePath(file))
                left = left + rest
                logger.info("file pages released", metadata: ["file": "\(file)", "left": "\(rest)"])
            } catch {
                // The kernel takes them anyway when something else needs the memory.
                logger.debug("file pages not released", metadata: ["file": "\(file)", "error": "\(error)"])
            }
        }
        return left
    }
}
