extension Metric {
    /// Seconds that a person waits: from what seems at once to ten minutes.
    private static let waits = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]
    /// Seconds between two tokens: from a thousand a second to one in five seconds.
    private static let gaps = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

    /// What there is to know about it: the only place where that is written down.
    package var about: About {
        switch self {
        case .requestDuration:
            .histogram(
                Self.waits, .model, .operation, .target, .outcome,
                help:
                    "Seconds from a request's arrival at the pool to its end, over all attempts. `target` is the one that "
                    + "answered or failed last, and empty where none was asked; `outcome` is `answered` or the error's code.",
                query:
                    #"histogram_quantile(0.95, sum by (le, model) (rate(sarai_request_duration_seconds_bucket{outcome="answered"}[5m])))"#
            )
        case .timeToFirstToken:
            .histogram(
                Self.waits, .model, .target,
                help: "Seconds from a request's arrival at the pool to the first piece of its answer, waits included.",
                query:
                    "histogram_quantile(0.5, sum by (le, target) (rate(sarai_time_to_first_token_seconds_bucket[5m])))")
        case .interToken:
            .histogram(
                Self.gaps, .model, .target, help: "Seconds between two pieces of an answer; mostly a piece is a token.",
                query: "histogram_quantile(0.99, sum by (le, target) (rate(sarai_inter_token_seconds_bucket[5m])))")
        case .promptTokens:
            .counter(
                .model, .target, help: "Tokens of the prompts that were answered, as the targets counted them.",
                query: "sum by (model) (rate(sarai_prompt_tokens_total[5m]))")
        case .generatedTokens:
            .counter(
                .model, .target,
                help:
                    "Tokens generated. Grows with each piece of an answer, and at its end by what the target counted beyond.",
                query: "sum by (model) (rate(sarai_generated_tokens_total[1m]))")
        case .attempts:
            .counter(
                .model, .target, .outcome,
                help:
                    "Requests sent to a target, retries included: `answered`, `abandoned` (the client left, or its time "
                    + "was over), or what went wrong.",
                query: #"sum by (target, outcome) (rate(sarai_attempts_total{outcome!="answered"}[5m]))"#)
        case .retries:
            .counter(
                .model, help: "Attempts beyond a request's first.",
                query:
                    "sum by (model) (rate(sarai_retries_total[5m])) / sum by (model) (rate(sarai_attempts_total[5m]))")
        case .retriesRefused:
            .counter(
                .model,
                help: "Requests given up because too many were being tried again already (`failover.retry_share`).",
                query: "increase(sarai_retries_refused_total[1h]) > 0")
        case .failovers:
            .counter(
                .model, .from, .to, .reason,
                help:
                    "Requests that went on to another target before their client had seen anything. `reason` is the kind of "
                    + "failure, without a status: `connection lost`, `server error`.",
                query: "sum by (from, reason) (increase(sarai_failovers_total[1h])) > 0")
        case .resumes:
            .counter(
                .model, .from, .to, help: "Answers that another target went on with in the middle.",
                query: "sum by (from, to) (increase(sarai_resumes_total[1h])) > 0")
        case .queueWait:
            .histogram(
                Self.waits, .model, help: "Seconds that requests waited for a slot or a load, of those that got one.",
                query: "histogram_quantile(0.9, sum by (le, model) (rate(sarai_queue_wait_seconds_bucket[5m])))")
        case .queueLength:
            .gauge(.model, help: "Requests that wait for a slot or a load.", query: "sarai_queue_length > 0")
        case .queueRefusals:
            .counter(
                .model, help: "Requests refused because `server.max_queue` waited already.",
                query: "increase(sarai_queue_refusals_total[5m]) > 0")
        case .targetState:
            .gauge(
                .model, .target, .state,
                help: "1 for the state that the target is in, 0 for the others.",
                query: #"sarai_target_state{state="failed"} == 1"#)
        case .targetInFlight:
            .gauge(
                .model, .target, help: "Requests that a target is answering.",
                query: "sarai_target_requests_in_flight / sarai_target_capacity")
        case .targetCapacity:
            .gauge(
                .model, .target, help: "Requests that a target takes at the same time.",
                query: "sum by (model) (sarai_target_capacity)")
        case .breakerState:
            .gauge(
                .model, .target, .state,
                help:
                    "Remote targets: 1 for the state of the circuit breaker, 0 for the others. `open` gets no requests.",
                query: #"sarai_breaker_state{state="open"} == 1"#)
        case .ejections:
            .counter(
                .model, .target, help: "Times that a server was left alone because it failed.",
                query: "increase(sarai_ejections_total[1h]) > 0")
        case .recoveries:
            .counter(
                .model, .target, help: "Times that such a server came back.",
                query: "increase(sarai_ejections_total[1d]) - increase(sarai_recoveries_total[1d])")
        case .selfProbes:
            .counter(
                .model, .target, .outcome,
                help:
                    "Trials of loaded twins while they were not needed (`failover.self_probe`): `answered` or `failed`.",
                query: #"increase(sarai_self_probes_total{outcome="failed"}[1d]) > 0"#)
        case .workerStarts:
            .counter(
                .model, .target, help: "Workers started: first loads, loads after an unload, and restarts.",
                query: "increase(sarai_worker_starts_total[1h])")
        case .workerDeaths:
            .counter(
                .model, .target, .cause,
                help:
                    "Workers that ended unasked: for want of `memory`, or any `other` cause. Each is started again for the "
                    + "next request.",
                query: "sum by (target, cause) (increase(sarai_worker_deaths_total[1h])) > 0")
        case .loadDuration:
            .histogram(
                Self.waits, .model, .target, help: "Seconds from a worker's start until it was ready.",
                query: "histogram_quantile(0.5, sum by (le, model) (rate(sarai_load_duration_seconds_bucket[1d])))")
        case .loadFailures:
            .counter(
                .model, .target, help: "Times that a local target could not be started, or was given up for a while.",
                query: "increase(sarai_load_failures_total[1h]) > 0")
        case .unloads:
            .counter(
                .model, .target, help: "Workers that ended as they were told to.",
                query: "increase(sarai_unloads_total[1h])")
        case .evictions:
            .counter(
                .model, .target, .beneficiary,
                help:
                    "Workers told to end so that the model in `for` fits; empty where the machine itself was short of memory.",
                query: #"sum by (model, for) (increase(sarai_evictions_total[1h])) > 0"#)
        case .memoryBudget:
            .gauge(
                help: "What all models together may use (`memory.max_ram_gb`).",
                query: "sarai_memory_reserved_bytes / sarai_memory_budget_bytes")
        case .memoryReserved:
            .gauge(
                help: "What is promised to loaded and loading models, and to the daemon.",
                query: "sarai_memory_reserved_bytes / sarai_memory_budget_bytes")
        case .memoryFree:
            .gauge(help: "What is left of the budget.", query: "sarai_memory_free_bytes < 1e9")
        case .memoryResident:
            .gauge(
                help: "Measured: memory of all workers and the daemon, pages of model files included (PSS).",
                query: "sarai_memory_resident_bytes > sarai_memory_budget_bytes")
        case .memoryHard:
            .gauge(
                help: "Measured: the part of it that the kernel cannot take back.",
                query: "sarai_memory_hard_bytes / sarai_memory_resident_bytes")
        case .memoryPredicted:
            .gauge(
                .model, .kind, help: "What a model's local target takes or would take when loaded, by kind.",
                query: "sum by (model) (sarai_memory_predicted_bytes)")
        case .memoryMeasured:
            .gauge(
                .model, .kind,
                help:
                    "What a model's worker was seen to take by kind, after its load or its first full step; `page_cache` is "
                    + "what the system holds of its files, used or not.",
                query: #"sum by (model) (sarai_memory_measured_bytes{kind!="page_cache"})"#)
        case .memoryPressure:
            .gauge(
                .level, help: "1 for how short of memory the machine is, 0 for the others.",
                query: #"sarai_memory_pressure{level!="calm"} == 1"#)
        case .coresUsable:
            .gauge(
                help: "Cores that all workers together may keep busy.", query: "sarai_cores_active / sarai_cores_usable"
            )
        case .coresActive:
            .gauge(help: "Threads of workers that run now.", query: "avg_over_time(sarai_cores_active[5m])")
        case .pipelineDuration:
            .histogram(
                Self.waits, .pipeline, .outcome,
                help:
                    "Seconds from a request for a pipeline to the end of its answer; `outcome` is `answered` or the error's "
                    + "code. `auto` is the router's choice.",
                query:
                    "histogram_quantile(0.9, sum by (le, pipeline) (rate(sarai_pipeline_duration_seconds_bucket[1h])))")
        case .pipelineStep:
            .histogram(
                Self.waits, .pipeline, .step, .outcome,
                help:
                    "Seconds that a pipeline's steps took: `done`, `skipped` (not needed) or `failed` (it went on without).",
                query:
                    "histogram_quantile(0.9, sum by (le, pipeline, step) (rate(sarai_pipeline_step_duration_seconds_bucket[1h])))"
            )
        case .routerDecision:
            .histogram(
                Self.waits, .route, .outcome,
                help:
                    "Seconds until the router had decided who answers: `sure`, `unsure` or `unavailable`; the latter two "
                    + "get the default.",
                query: "sum by (route) (increase(sarai_router_decision_duration_seconds_count[1h]))")
        case .httpDuration:
            .histogram(
                Self.waits, .method, .route, .status,
                help: "Seconds from an HTTP request's head to the end of its answer; `route` is `none` for a path that "
                    + "there is not.",
                query: #"sum by (route, status) (rate(sarai_http_request_duration_seconds_count{status=~"5.."}[5m]))"#)
        case .reloads:
            .counter(help: "Configurations taken over while running.", query: "increase(sarai_reloads_total[1d])")
        case .eventsPosted:
            .counter(
                .kind, help: "Events of each kind, as `/api/pool/events` tells them.",
                query: "sum by (kind) (increase(sarai_events_total[1h]))")
        case .buildInfo:
            .gauge(
                .version, help: "Always 1; the label tells the version.", query: "count by (version) (sarai_build_info)"
            )
        case .processCPU:
            .counter(help: "Core seconds that the daemon itself used.", query: "rate(process_cpu_seconds_total[5m])")
        case .processResident:
            .gauge(help: "Memory of the daemon itself, without its workers.", query: "process_resident_memory_bytes")
        case .processVirtual:
            .gauge(help: "Address space of the daemon itself.", query: "process_virtual_memory_bytes")
        case .processOpenFiles:
            .gauge(help: "Files and connections that the daemon has open.", query: "process_open_fds / process_max_fds")
        case .processMaxFiles:
            .gauge(help: "Files and connections that the daemon may have open.", query: "process_max_fds")
        case .processStart:
            .gauge(
                help: "When the daemon was started, seconds since 1970.", query: "time() - process_start_time_seconds")
        }
    }
}
