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
                group.addTask { await self.tryTwins() }
                self.perform { $0.watchServers() }
                for await action in self.actions {
                    group.addTask { await self.perform(action) }
                }
                group.cancelAll()
            }
        }
        perform { $0.shutDown() }
    }

    private func perform(_ action: PoolAction) async {
        switch action {
        case .inspect(let target): await inspect(target)
        case .start(let target): await runWorker(of: target)
        case .warmUp(let target): await warmUp(target)
        case .settle(let target): await settle(target)
        case .refinePlan: await refinePlan()
        case .checkWorker(let target): await checkWorker(target)
        case .watch(let server): await watch(server)
        // Done at once, where the state is locked or right after.
        case .stop, .pause, .resume, .grant, .refuse, .post: break
        }
    }

    private func checkWorker(_ id: TargetID) async {
        guard let backend = backend(of: id) else {
            return
        }
        var failure: BackendError?
        do {
            try await backend.checkHealth()
        } catch let error as BackendError {
            failure = error
        } catch {
            // The daemon ends.
            return
        }
        let isGone = failure.map { $0.code == .unreachable || $0.code == .brokenOff } ?? false
        perform { [failure] in $0.workerChecked(id, failure: failure?.message, isGone: isGone, now: .now) }
    }

    /// Checks a server's health for as long as there are targets on it: at every interval, and when an ejection ends.
    private func watch(_ server: Server) async {
        let probe = ServerProbe(
            server.api, client: environment.client, url: server.url, apiKey: server.apiKey?.value,
            trust: server.authorities.map { .authorities(file: $0) })
        while !Task.isCancelled, change({ $0.keepsWatching(server) }) {
            let limits = BackendLimits(configuration.timeouts)
            let result: Result<ServerHealth, BackendError>
            do {
                result = .success(try await probe.check(timeout: limits.health))
            } catch let error as BackendError {
                result = .failure(error)
            } catch {
                return
            }
            perform { $0.serverChecked(server, result, now: .now) }
            await waitForNextCheck(of: server, since: .now)
        }
    }

    /// Waits for the end of an ejection or of the interval. Looks every second whether a reload has changed what to wait for.
    private func waitForNextCheck(of server: Server, since start: ContinuousClock.Instant) async {
        while !Task.isCancelled {
            let next = start + configuration.timeouts.healthInterval
            let ends = read { $0.ejectionEnds(on: server) }.filter { $0 > start }
            let due = ends.min().map { min($0, next) } ?? next
            let now = ContinuousClock.now
            guard now < due, read({ !$0.targets(on: server).isEmpty }) else {
                return
            }
            try? await Task.sleep(until: min(due, now + .seconds(1)), clock: .continuous)
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
