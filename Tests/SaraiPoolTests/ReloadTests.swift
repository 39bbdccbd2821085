import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiMemory
import Testing

@testable import SaraiPool

@Suite("Another configuration for a running pool")
struct ReloadTests {
    private typealias Harness = PoolStateHarness

    private static func remote(_ name: String, capacity: Int = 1, key: String = "k", server: Int = 7) -> String {
        """
          \(name):
            backend: ollama_http
            servers: ["http://10.0.0.\(server):11434"]
            model: solar
            capacity: \(capacity)
            api_key: ${KEY:-\(key)}
        """
    }

    private static let both = Harness.local("lfm2") + "\n" + Harness.local("omni")

    @Test("an added model serves, and its load is admitted with what the plan says")
    func added() throws {
        var pool = try Harness(Harness.local("lfm2"))
        try pool.reload(Self.both, sizes: ["omni": 300])
        #expect(pool.state.names.map(\.rawValue) == ["lfm2", "omni"])
        let request = try pool.request("omni")
        #expect(pool.takeAsked() == ["plan", "inspect omni/gguf_native"])
        try pool.load("omni", size: .mebibytes(300))
        #expect(pool.route(request) != nil)
    }

    @Test("a removed model is unknown at once, its running answer finishes, and then its worker ends")
    func removed() throws {
        var pool = try Harness(Self.both)
        let running = try pool.request("omni")
        try pool.load("omni")
        let waiting = try pool.request("omni")
        try pool.reload(Harness.local("lfm2"))
        #expect(pool.route(running) != nil)
        #expect(pool.error(waiting)?.code == .unknownModel)
        let late = try pool.request("omni")
        #expect(pool.error(late)?.code == .unknownModel)
        #expect(pool.error(late)?.message.contains("has lfm2.") == true)
        #expect(!pool.takeAsked().contains("stop omni/gguf_native"))
        let snapshot = pool.state.snapshot(
            daemon: MeasuredMemory(hard: .zero, mapped: .zero), machine: .gibibytes(16), now: pool.now)
        #expect(snapshot.models.map(\.name) == ["lfm2"])
        try pool.finish("omni")
        #expect(pool.takeAsked() == ["stop omni/gguf_native"])
        #expect(pool.state.ledger.charged > .zero)
        try pool.exit("omni")
        #expect(pool.state.ledger.charged == .zero)
        #expect(pool.state.models.keys.map(\.rawValue) == ["lfm2"])
    }

    @Test("an idle worker of a removed model ends at once, one that waits to be started again is forgotten")
    func removedIdle() throws {
        var pool = try Harness(Self.both)
        try pool.use("omni")
        try pool.use("lfm2")
        try pool.exit("lfm2")
        guard case .backingOff = pool.state[target: try pool.local("lfm2")]?.phase else {
            Issue.record("it is to be started again")
            return
        }
        _ = pool.takeAsked()
        try pool.reload(Harness.local("tiny"))
        #expect(pool.takeAsked() == ["stop omni/gguf_native", "plan"])
        #expect(pool.state.models.keys.map(\.rawValue).sorted() == ["omni", "tiny"])
        try pool.exit("omni")
        #expect(pool.state.models.keys.map(\.rawValue) == ["tiny"])
    }

    @Test("a model that comes back while its worker still ends waits for that end, and no lease is counted twice")
    func removedAndBack() throws {
        var pool = try Harness(Self.both)
        try pool.request("omni")
        try pool.load("omni")
        try pool.reload(Harness.local("lfm2"))
        try pool.reload(Self.both)
        let request = try pool.request("omni")
        #expect(pool.error(request) == nil && pool.route(request) == nil)
        #expect(pool.state[target: try pool.local("omni")]?.inFlight == 1)
        try pool.finish("omni")
        try pool.exit("omni")
        try pool.load("omni")
        #expect(pool.route(request) != nil)
        #expect(pool.state[target: try pool.local("omni")]?.inFlight == 1)
    }

    @Test("only the worker that was started from other values starts again, after its running answer")
    func changed() throws {
        var pool = try Harness(Self.both)
        try pool.use("lfm2")
        try pool.request("omni")
        try pool.load("omni", size: .mebibytes(500))
        _ = pool.takeAsked()
        try pool.reload(
            Harness.local("lfm2", "slots: 1, keep_alive: 5m") + "\n"
                + Harness.local("omni", "slots: 1, context_length: 8192"), sizes: ["lfm2": 100, "omni": 200])
        #expect(try pool.isLoaded("lfm2"))
        #expect(pool.takeAsked() == ["plan"])
        let next = try pool.request("omni")
        try pool.finish("omni")
        #expect(pool.takeAsked() == ["stop omni/gguf_native"])
        try pool.exit("omni")
        #expect(pool.takeAsked() == ["inspect omni/gguf_native"])
        // What the old file took is forgotten with its worker.
        #expect(pool.state[target: try pool.local("omni")]?.predicted?.resident == .mebibytes(200))
        try pool.load("omni", size: .mebibytes(200))
        #expect(pool.route(next) != nil)
        pool.pass(.seconds(301))
        #expect(pool.takeAsked().contains("stop lfm2/gguf_native"))
    }

    @Test("a resident model that changed comes back by itself, one that became resident is loaded")
    func residents() throws {
        let resident = "slots: 1, resident: true"
        var pool = try Harness(Harness.local("lfm2", resident) + "\n" + Harness.local("omni"))
        pool.take(pool.state.start())
        try pool.load("lfm2")
        _ = pool.takeAsked()
        try pool.reload(
            Harness.local("lfm2", resident + ", context_length: 8192") + "\n" + Harness.local("omni", resident))
        #expect(pool.takeAsked() == ["stop lfm2/gguf_native", "inspect omni/gguf_native", "plan"])
        try pool.exit("lfm2")
        #expect(pool.takeAsked() == ["inspect lfm2/gguf_native"])
        // What somebody unloads by hand stays unloaded.
        try pool.load("omni")
        pool.take(pool.state.unload(try pool.name("omni"), now: pool.now))
        try pool.exit("omni")
        _ = pool.takeAsked()
        try pool.reload(
            Harness.local("lfm2", resident + ", context_length: 8192") + "\n"
                + Harness.local("omni", resident + ", keep_alive: 5m"))
        #expect(pool.takeAsked() == ["plan"])
    }

    @Test("a file that was looked at before a change is looked at again")
    func staleInspection() throws {
        var pool = try Harness(Harness.local("lfm2"))
        let request = try pool.request("lfm2")
        let id = try pool.local("lfm2")
        let before = try #require(pool.state[target: id]?.local)
        try pool.reload(Harness.local("lfm2", "slots: 1, context_length: 8192"))
        _ = pool.takeAsked()
        pool.take(pool.state.inspected(id, of: before, .success(Harness.plan(.zero)), now: pool.now))
        #expect(pool.takeAsked() == ["inspect lfm2/gguf_native"])
        let after = try #require(pool.state[target: id]?.local)
        #expect(after.contextLength == 8192)
        pool.take(pool.state.inspected(id, of: after, .success(Harness.plan(.zero)), now: pool.now))
        #expect(pool.takeAsked() == ["start lfm2/gguf_native"])
        #expect(pool.error(request) == nil)
    }

    @Test("a failed model gets another chance when its values change")
    func failedAndCorrected() throws {
        var pool = try Harness(Harness.local("lfm2"))
        let id = try pool.local("lfm2")
        for _ in 0..<RestartPolicy().maximumFailures {
            try pool.request("lfm2")
            try pool.load("lfm2")
            pool.take(pool.state.workerExited(id, reason: "crashed", now: pool.now))
            pool.pass(.seconds(30))
        }
        let refused = try pool.request("lfm2")
        #expect(pool.error(refused) != nil)
        try pool.reload(Harness.local("lfm2", "slots: 1, gguf: other.gguf").replacing("gguf: lfm2.gguf, ", with: ""))
        let request = try pool.request("lfm2")
        #expect(pool.error(request) == nil)
        #expect(pool.state[target: id]?.phase == .inspecting)
    }

    // MARK: Servers

    @Test("an unchanged server keeps its breaker; one with another key or address begins anew")
    func breakers() throws {
        var pool = try Harness(Self.remote("solar") + "\n" + Self.remote("other"))
        pool.take(pool.state.watchServers())
        #expect(pool.takeAsked() == ["watch http://10.0.0.7:11434"])
        for model in ["solar", "other"] {
            pool.fail(try pool.remote(model))
        }
        try pool.reload(Self.remote("solar") + "\n" + Self.remote("other", key: "right") + "\n" + Self.remote("third"))
        #expect(pool.state[target: try pool.remote("solar")]?.remote?.breaker.isClosed == false)
        #expect(pool.state[target: try pool.remote("other")]?.remote?.breaker.isClosed == true)
        // Another key is another way to ask how it is.
        #expect(pool.takeAsked() == ["watch http://10.0.0.7:11434", "plan"])
        let shared = try #require(pool.state[target: try pool.remote("solar")]?.remote?.server)
        let isWatched = pool.state.keepsWatching(shared)
        #expect(isWatched)
        try pool.reload(Self.remote("other", key: "right"))
        let isStillWatched = pool.state.keepsWatching(shared)
        #expect(!isStillWatched)
        try pool.reload(Self.remote("other", key: "right") + "\n" + Self.remote("solar"))
        #expect(pool.takeAsked() == ["plan", "watch http://10.0.0.7:11434", "plan"])
    }

    @Test("the end of a request at a server's old address says nothing about the new one")
    func requestOfAnEarlierServer() throws {
        var pool = try Harness(Self.remote("solar"))
        let request = try pool.request("solar")
        let route = try #require(pool.route(request))
        try pool.reload(Self.remote("solar", key: "other"))
        let failure = Outcome.failed(BackendError(.unreachable, "it broke"))
        pool.take(pool.state.release(route, .generation(hasMedia: false), failure, now: pool.now))
        let state = try #require(pool.state[target: try pool.remote("solar")])
        #expect(state.inFlight == 0)
        #expect(state.remote?.breaker.isClosed == true)
    }

    @Test("more capacity lets more through at once, less lets those that run finish")
    func capacity() throws {
        var pool = try Harness(Self.remote("solar"))
        let one = try pool.request("solar")
        let first = try #require(pool.route(one))
        let second = try pool.request("solar")
        #expect(pool.route(second) == nil)
        try pool.reload(Self.remote("solar", capacity: 2))
        #expect(pool.route(second) != nil)
        try pool.reload(Self.remote("solar", capacity: 1))
        let third = try pool.request("solar")
        pool.take(pool.state.release(first, .generation(hasMedia: false), .answered, now: pool.now))
        #expect(pool.route(third) == nil)
        try pool.reload(Self.remote("solar", server: 8))
        #expect(pool.route(third)?.target.server == "10.0.0.8:11434")
        // The old server's last request is still counted there.
        pool.take(
            pool.state.release(try #require(pool.route(second)), .generation(hasMedia: false), .answered, now: pool.now)
        )
        let targets = try #require(pool.state.models[try pool.name("solar")]?.targets)
        #expect(targets.map(\.inFlight) == [1])
    }

    // MARK: The pool as a whole

    @Test("a smaller budget unloads idle models; a larger one admits who waited")
    func budget() throws {
        var pool = try Harness(Self.both, memory: "max_ram_gb: 1, on_full: queue")
        try pool.use("lfm2", size: 400)
        try pool.use("omni", size: 400)
        try pool.reload(Self.both, memory: "max_ram_gb: 0.5, on_full: queue", sizes: ["lfm2": 400, "omni": 400])
        let stopped = pool.takeAsked().filter { $0.hasPrefix("stop") }
        #expect(stopped.count == 1)
        #expect(pool.state.ledger.budget == .mebibytes(512))
        let model = stopped == ["stop omni/gguf_native"] ? "omni" : "lfm2"
        try pool.exit(model)
        let waiting = try pool.request(model)
        #expect(pool.takeAsked().isEmpty)
        try pool.reload(Self.both, memory: "max_ram_gb: 1, on_full: queue", sizes: ["lfm2": 400, "omni": 400])
        #expect(pool.takeAsked().contains("inspect \(model)/gguf_native"))
        try pool.load(model, size: .mebibytes(400))
        #expect(pool.route(waiting) != nil)
    }

    @Test("every other value that is promised to take effect does")
    func settings() throws {
        var pool = try Harness(Self.both + "\n" + Self.remote("solar"))
        let request = try pool.request("lfm2", keepAlive: .limited(.seconds(7)))
        try pool.load("lfm2")
        #expect(pool.route(request) != nil)
        try pool.reload(
            Self.both + "\n" + Self.remote("solar"),
            memory: "max_ram_gb: 1, max_concurrent_llms: 1, on_full: reject, keep_alive: 9s, warm_up: never",
            server: "max_queue: 1",
            more: "failover: {eject_after: 9, ejection: 2s, max_ejection: 8s, slow_start: 3s, retry_share: 0.5}")
        let state = pool.state
        #expect(state.ledger.maxConcurrentLLMs == 1 && state.defaultOnFull == .reject && state.warmUp == .never)
        #expect(state.maxQueue == 1 && state.retries.share == 0.5)
        let policy = BreakerPolicy(
            ejectAfter: 9, ejection: .seconds(2), maxEjection: .seconds(8), slowStart: .seconds(3))
        #expect(state.breakers == policy)
        #expect(state[target: try pool.remote("solar")]?.remote?.breaker.policy == policy)
        // A request has said otherwise of one model.
        #expect(state[target: try pool.local("omni")]?.keepAlive == .limited(.seconds(9)))
        #expect(state[target: try pool.local("lfm2")]?.keepAlive == .limited(.seconds(7)))
        try pool.request("lfm2")
        let refused = try pool.request("lfm2")
        #expect(pool.error(refused)?.code == .busy)
    }

    @Test("a pin by hand lasts until the file says something else")
    func pins() throws {
        var pool = try Harness(Self.both)
        let name = try pool.name("lfm2")
        pool.state.setPinned(name, true)
        try pool.reload(Harness.local("lfm2", "slots: 1, keep_alive: 5m") + "\n" + Harness.local("omni"))
        #expect(pool.state.models[name]?.isPinned == true)
        try pool.reload(Harness.local("lfm2", "slots: 1, pinned: true"))
        try pool.reload(Harness.local("lfm2"))
        #expect(pool.state.models[name]?.isPinned == false)
    }

    @Test("what a daemon takes over only at its start stays as it was")
    func untilRestart() throws {
        let old = try Harness.configuration(Self.both, memory: "max_ram_gb: 1", server: "max_queue: 64")
        let new = try Harness.configuration(
            Self.both, memory: "max_ram_gb: 2",
            server: "listen: 127.0.0.1:1, max_body: 1MiB, max_media_body: 2MiB, allowed_hosts: [a.lan], max_queue: 3",
            more: "timeouts: {connect: 7s, drain: 7s, stall: 7s}\nengine: {llama_server: /bin/true}")
        let wanted = ConfigurationDifference(from: old, to: new)
        #expect(wanted.needsRestart.count == 7)
        let effect = ConfigurationDifference(from: old, to: new.untilRestart(of: old))
        #expect(effect.needsRestart.isEmpty)
        #expect(effect.settings == wanted.settings.filter { !wanted.needsRestart.contains($0) })
        #expect(wanted.summary.hasPrefix("set memory.max_ram_gb, server.max_queue, timeouts.stall; needs a restart "))
    }

    @Test("numbers of workers' files stay with their targets")
    func numbers() throws {
        func configuration(_ names: String...) throws -> Configuration {
            let models = names.map { Harness.local($0) }.joined(separator: "\n")
            return try Harness.configuration(models, memory: "max_ram_gb: 1", server: "max_queue: 64")
        }
        let pool = try Harness(Self.both)
        let (a, b, c) = (try pool.local("a"), try pool.local("b"), try pool.local("c"))
        var numbers = WorkerNumbers(try configuration("a", "b"))
        #expect([numbers[a], numbers[b]] == [0, 1])
        numbers.update(try configuration("c", "b")) { _ in false }
        #expect([numbers[a], numbers[b], numbers[c]] == [0, 1, 2])
        numbers.release(a)
        numbers.update(try configuration("b", "a")) { $0 == c }
        #expect([numbers[a], numbers[b], numbers[c]] == [0, 1, nil])
    }

    @Test("while draining, a request that a target has begun with may go on elsewhere, and nothing new begins")
    func draining() throws {
        var pool = try Harness(Harness.hybrid)
        pool.take(pool.state.shutDown())
        let new = try pool.request("solar")
        #expect(pool.error(new)?.retryAfter != nil)
        let retry = Waiter(
            id: 100, model: try pool.name("solar"), needs: .generation(hasMedia: false), isUnderWay: true,
            excluded: [:], keepAlive: nil, since: pool.now, deadline: pool.now + .seconds(9))
        pool.take(pool.state.request(retry, now: pool.now))
        #expect(pool.route(100) != nil)
    }

    /// Whatever happens in whatever order, reloads included: slots and budget hold, nobody is answered twice or forgotten,
    /// and nothing is left of what was taken out.
    @Test(arguments: 0..<60)
    func invariantsHoldUnderRandomEvents(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let entries: [[String]] = [
            [Harness.hybrid, Harness.hybrid + "\n    capacity: 3\n    slots: 2"],
            [Harness.local("lfm2", "slots: 2"), Harness.local("lfm2", "slots: 1"), ""],
            [Harness.local("omni"), Harness.local("omni", "slots: 1, resident: true"), ""],
            [Self.remote("tiny"), Self.remote("tiny", capacity: 2), Self.remote("tiny", server: 8), ""],
        ]
        func models(_ choose: ([String]) -> String) -> String {
            entries.map(choose).filter { !$0.isEmpty }.joined(separator: "\n")
        }
        var pool = try Harness(models { $0[0] })
        var held: [Route] = []
        let asked = Needs.generation(hasMedia: false)
        var answered: Set<Int> = []
        var sent: [Int] = []
        for _ in 0..<400 {
            let model = try #require(["solar", "lfm2", "omni", "tiny"].randomElement(using: &random))
            let id = try pool.local(model)
            switch Int.random(in: 0..<12, using: &random) {
            case 0...2: sent.append(try pool.request(model, timeout: .seconds(30)))
            case 3...4: try pool.load(model, size: .mebibytes(Int.random(in: 50...700, using: &random)))
            case 5...6 where !held.isEmpty:
                let route = held.remove(at: Int.random(in: 0..<held.count, using: &random))
                let outcomes: [Outcome] = [.answered, .abandoned, .failed(BackendError(.unreachable, "x"))]
                let outcome = try #require(outcomes.randomElement(using: &random))
                pool.take(pool.state.release(route, asked, outcome, now: pool.now))
            case 7: pool.take(pool.state.unload(id.model, now: pool.now))
            case 8 where pool.state[target: id]?.hasWorker == true:
                pool.take(pool.state.workerExited(id, reason: "ended", now: pool.now))
            case 9...10:
                let text = models { $0.randomElement(using: &random) ?? "" }
                let budget = Bool.random(using: &random) ? "max_ram_gb: 1" : "max_ram_gb: 2"
                try pool.reload(text, memory: budget, sizes: ["lfm2": 200])
            default:
                pool.now += .seconds(Int.random(in: 0...5, using: &random))
                pool.take(pool.state.tick(now: pool.now))
            }
            for (waiter, outcome) in pool.outcomes where answered.insert(waiter).inserted {
                if case .success(let route) = outcome {
                    #expect(pool.configuration.models.contains { $0.name == route.target.model })
                    held.append(route)
                }
            }
            for target in pool.state.models.values.flatMap(\.targets) {
                #expect(target.inFlight == held.count { $0.target == target.id })
                #expect(!target.isRemoved || target.inFlight > 0 || target.hasWorker)
                #expect((target.started != nil) == target.hasWorker)
            }
            for route in held where route.target.kind != .gguf {
                #expect(pool.state[target: route.target] != nil)
            }
            #expect(Set(pool.state.names) == Set(pool.configuration.models.map(\.name)))
            #expect(pool.state.names.allSatisfy { pool.state.configured($0) != nil })
            // A smaller budget is kept as soon as those that are busy have finished.
            let idle = pool.state.models.values.flatMap(\.targets).contains { $0.isReady && $0.inFlight == 0 }
            #expect(!idle || pool.state.ledger.charged <= .gibibytes(2))
        }
        let waiting = pool.state.models.values.flatMap(\.waiting).map(\.id)
        #expect(Set(sent) == answered.union(waiting))
        #expect(answered.isDisjoint(with: waiting))
        // In the end only what is in the configuration is left.
        try pool.reload(Harness.local("last"))
        for route in held {
            pool.take(pool.state.release(route, asked, .answered, now: pool.now))
        }
        for target in pool.state.models.values.flatMap(\.targets) where target.hasWorker {
            pool.take(pool.state.workerExited(target.id, reason: "ended", now: pool.now))
        }
        #expect(pool.state.models.keys.map(\.rawValue) == ["last"])
        #expect(pool.state.ledger.charged == .zero)
    }
}
