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
                // What is asked for meanwhile waits: nothing is loaded before there is a plan.
                self.makePlan()
                group.addTask { await self.refinePlan() }
                group.addTask { await self.keepTime() }
                group.addTask { await self.watchMemory() }
                group.addTask { await self.watchPressure() }
                for case .remote(let remote) in self.configuration.models.flatMap(\.targets) {
                    group.addTask { await self.watchHealth(of: remote.id) }
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
        case .inspect(let target): await inspect(target)
        case .start(let target): await runWorker(of: target)
        case .warmUp(let target): await warmUp(target)
        case .settle(let target): await settle(target)
        case .checkHealth(let target): await checkHealth(of: target)
        // Done at once, where the state is locked.
        case .stop, .pause, .resume, .grant, .refuse: break
        }
    }

    private func checkHealth(of id: TargetID) async {
        guard let backend = backend(of: id) else {
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

    /// Ends waits and back-offs within a tenth of a second, and turns of workers on time. A look at an idle pool costs about
    /// a microsecond.
    private func keepTime() async {
        while !Task.isCancelled {
            let now = ContinuousClock.now
            let look = now + .milliseconds(100)
            // Not sooner than that, or turns that end close to each other would be all that the daemon does.
            let next = max(now + .milliseconds(5), read(\.cores.nextDeadline).map { min(look, $0) } ?? look)
            try? await Task.sleep(until: next, clock: .continuous)
            perform { $0.tick(now: .now) }
        }
    }
}
