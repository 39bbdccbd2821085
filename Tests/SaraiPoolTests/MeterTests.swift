import SaraiBackends
import SaraiCore
import SaraiMemory
import SaraiMetrics
import Testing

@testable import SaraiPool

@Suite("What is counted of requests")
struct MeterTests {
    private let metrics = MetricRegistry()
    private let start = ContinuousClock.now

    private func finished(prompt: Int, completion: Int) -> GenerationEvent {
        var usage = Usage()
        usage.promptTokens = prompt
        usage.completionTokens = completion
        return .finished(Completion(reason: .stop, usage: usage))
    }

    @Test("pieces count as tokens when they come, and the end adds what the target counted beyond")
    func tokens() throws {
        var meter = AnswerMeter(metrics, start: start)
        meter.begin(try Sample.local())
        meter.take(.content("one "), now: start + .seconds(2))
        meter.take(.thinking("two "), now: start + .seconds(3))
        #expect(metrics.total(.generatedTokens, "solar").sum == 2)
        meter.take(finished(prompt: 20, completion: 5), now: start + .seconds(4))
        #expect(metrics.total(.generatedTokens, "solar").sum == 5)
        #expect(metrics.total(.promptTokens, "solar").sum == 20)
        #expect(metrics.total(.timeToFirstToken, "solar") == (1, 2))
        #expect(metrics.total(.interToken, "solar") == (1, 1))
    }

    @Test("an answer begins once; the gap until another target goes on is none between two tokens")
    func resumed() throws {
        var meter = AnswerMeter(metrics, start: start)
        meter.begin(try Sample.remote())
        meter.take(.content("a"), now: start + .seconds(1))
        meter.begin(try Sample.local())
        meter.take(.content("b"), now: start + .seconds(60))
        meter.take(.content("c"), now: start + .seconds(61))
        meter.take(finished(prompt: 8, completion: 1), now: start + .seconds(61))
        #expect(metrics.total(.timeToFirstToken, "solar") == (1, 1))
        #expect(metrics.total(.interToken, "solar") == (1, 1))
        #expect(metrics.total(.generatedTokens, "solar").sum == 3)
    }

    @Test("a request is counted with its outcome, and a name that is not there as no name")
    func requests() {
        let meter = RequestMeter(metrics, model: nil, operation: .embedding)
        let refused: Result<Void, any Error> = .failure(PoolError(.unknownModel, "no such model"))
        meter.ended(MetricRegistry.outcome(of: refused))
        #expect(metrics.total(.requestDuration, "unknown").count == 1)
        let text = Exposition(.text).text(metrics.samples)
        #expect(
            text.contains(
                #"request_duration_seconds_count{model="unknown",operation="embedding",target="","#
                    + #"outcome="model_not_found"} 1"#))
    }

    @Test("outcomes")
    func outcomes() {
        #expect(MetricRegistry.outcome(of: Result<Int, any Error>.success(1)) == "answered")
        #expect(MetricRegistry.outcome(of: Result<Int, any Error>.failure(CancellationError())) == "cancelled")
        #expect(Outcome.failed(BackendError(.serverError(500), "x")).name == "status 500")
        #expect((Outcome.answered.name, Outcome.abandoned.name) == ("answered", "abandoned"))
    }

    @Test("every event counts, and most count for something of their own")
    func events() throws {
        for body in try Sample.bodies() + [.loading(Sample.local(), progress: 0)] {
            metrics.count(body)
        }
        #expect(metrics.total(.eventsPosted, "evicted").sum == 1)
        let own: [Metric] = [
            .workerStarts, .loadDuration, .unloads, .evictions, .loadFailures, .workerDeaths, .failovers, .resumes,
            .ejections, .recoveries, .queueRefusals, .selfProbes,
        ]
        for metric in own {
            let total = metrics.total(metric, "solar")
            #expect(total.count > 0 || total.sum > 0, "\(metric.rawValue)")
        }
    }

    @Test("what may go wrong is at 0 from the start, and counted in the series that is there")
    func zeros() throws {
        let models = PoolStateHarness.hybrid + "\n" + PoolStateHarness.local("e5")
        metrics.prepare(
            try PoolStateHarness.configuration(models, memory: "max_ram_gb: 1", server: "max_queue: 1"))
        let before = metrics.samples.count
        let text = Exposition(.text).text(metrics.samples)
        let (twin, server) = (#"target="solar/gguf_native""#, "solar/ollama_http@10.0.0.7:11434")
        #expect(text.contains(#"sarai_worker_deaths_total{model="solar",\#(twin),cause="memory"} 0.0"#))
        #expect(text.contains(#"sarai_load_failures_total{model="solar",\#(twin)} 0.0"#))
        #expect(text.contains(#"sarai_evictions_total{model="solar",\#(twin),for=""} 0.0"#))
        #expect(text.contains(#"sarai_evictions_total{model="solar",\#(twin),for="e5"} 0.0"#))
        #expect(text.contains(#"sarai_ejections_total{model="solar",target="\#(server)"} 0.0"#))
        #expect(!text.contains(#"sarai_ejections_total{model="solar",\#(twin)}"#))
        let failover = #"from="\#(server)",to="solar/gguf_native",reason="server error"}"#
        #expect(text.contains(#"sarai_failovers_total{model="solar",\#(failover) 0.0"#))
        let events: [PoolEvent.Body] = [
            .evicted(try Sample.local(), for: try Sample.name("e5")), .evicted(try Sample.local(), for: nil),
            .failed(try Sample.local(), reason: "no such file"),
            .killed(try Sample.local(), reason: "signal 9", isForMemory: false),
            .failingOver(from: try Sample.remote(), to: try Sample.local(), reason: "status 503"),
            .resumed(from: try Sample.remote(), to: try Sample.local(), characters: 42),
        ]
        events.forEach(metrics.count)
        #expect(metrics.samples.count == before)
    }

    @Test("the kind of every failure is known by its reason")
    func kinds() {
        let codes: [BackendError.Code] = [
            .unreachable, .firstTokenTimeout, .stalled, .brokenOff, .overloaded, .modelMissing, .outOfMemory,
            .malformedAnswer, .unsupported,
        ]
        for code in codes {
            let reason = BackendError(code, "x").reason
            #expect(BackendError.Kind(reason: reason).rawValue == reason)
        }
        #expect(BackendError.Kind(reason: BackendError(.serverError(502), "x").reason) == .serverError)
        #expect(BackendError.Kind(reason: BackendError(.rejected(400), "x").reason) == .rejected)
    }

    @Test("what metrics tell of the pool's state: of each target exactly one state holds")
    func samples() throws {
        var pool = try PoolStateHarness(PoolStateHarness.hybrid)
        try pool.plan(["solar": 300])
        let snapshot = pool.state.snapshot(
            daemon: .init(hard: .mebibytes(10), mapped: .zero), machine: .gibibytes(16), now: pool.now)
        #expect(snapshot.models.map(\.contextLength) == [2048], "as the plan has it, not the configuration")
        let text = Exposition(.text).text(snapshot.samples)
        #expect(text.contains("sarai_memory_budget_bytes 1073741824.0"))
        #expect(text.contains(#"sarai_queue_length{model="solar"} 0.0"#))
        #expect(text.contains(#"sarai_memory_predicted_bytes{model="solar",kind="weights_mapped"} 314572800.0"#))
        #expect(text.contains(#"sarai_target_state{model="solar",target="solar/gguf_native",state="unloaded"} 1.0"#))
        #expect(text.contains(#"sarai_target_state{model="solar",target="solar/gguf_native",state="ready"} 0.0"#))
        let breaker = #"sarai_breaker_state{model="solar",target="solar/ollama_http@10.0.0.7:11434","#
        #expect(text.contains(breaker + #"state="closed"} 1.0"#))
        #expect(text.contains(breaker + #"state="half_open"} 0.0"#))
        #expect(text.contains(#"sarai_memory_pressure{level="calm"} 1.0"#))
    }
}
