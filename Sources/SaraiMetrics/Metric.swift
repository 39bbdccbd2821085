/// Everything that is counted or measured, by the name under which Prometheus finds it.
///
/// The names follow Prometheus's conventions: base units, `_total` for what only grows. A name that was released stays:
/// dashboards and alerts depend on it.
package enum Metric: String, CaseIterable, Hashable, Sendable {
    // MARK: Requests

    case requestDuration = "sarai_request_duration_seconds"
    case timeToFirstToken = "sarai_time_to_first_token_seconds"
    case interToken = "sarai_inter_token_seconds"
    case promptTokens = "sarai_prompt_tokens_total"
    case generatedTokens = "sarai_generated_tokens_total"
    case attempts = "sarai_attempts_total"
    case retries = "sarai_retries_total"
    case retriesRefused = "sarai_retries_refused_total"
    case failovers = "sarai_failovers_total"
    case resumes = "sarai_resumes_total"

    // MARK: Waiting

    case queueWait = "sarai_queue_wait_seconds"
    case queueLength = "sarai_queue_length"
    case queueRefusals = "sarai_queue_refusals_total"

    // MARK: Targets

    case targetState = "sarai_target_state"
    case targetInFlight = "sarai_target_requests_in_flight"
    case targetCapacity = "sarai_target_capacity"
    case breakerState = "sarai_breaker_state"
    case ejections = "sarai_ejections_total"
    case recoveries = "sarai_recoveries_total"
    case selfProbes = "sarai_self_probes_total"

    // MARK: Workers

    case workerStarts = "sarai_worker_starts_total"
    case workerDeaths = "sarai_worker_deaths_total"
    case loadDuration = "sarai_load_duration_seconds"
    case loadFailures = "sarai_load_failures_total"
    case unloads = "sarai_unloads_total"
    case evictions = "sarai_evictions_total"

    // MARK: Memory and cores

    case memoryBudget = "sarai_memory_budget_bytes"
    case memoryReserved = "sarai_memory_reserved_bytes"
    case memoryFree = "sarai_memory_free_bytes"
    case memoryResident = "sarai_memory_resident_bytes"
    case memoryHard = "sarai_memory_hard_bytes"
    case memoryPredicted = "sarai_memory_predicted_bytes"
    case memoryMeasured = "sarai_memory_measured_bytes"
    case memoryPressure = "sarai_memory_pressure"
    case coresUsable = "sarai_cores_usable"
    case coresActive = "sarai_cores_active"

    // MARK: Pipelines and the router

    case pipelineDuration = "sarai_pipeline_duration_seconds"
    case pipelineStep = "sarai_pipeline_step_duration_seconds"
    case routerDecision = "sarai_router_decision_duration_seconds"

    // MARK: The daemon

    case httpDuration = "sarai_http_request_duration_seconds"
    case reloads = "sarai_reloads_total"
    case eventsPosted = "sarai_events_total"
    case buildInfo = "sarai_build_info"
    case processCPU = "process_cpu_seconds_total"
    case processResident = "process_resident_memory_bytes"
    case processVirtual = "process_virtual_memory_bytes"
    case processOpenFiles = "process_open_fds"
    case processMaxFiles = "process_max_fds"
    case processStart = "process_start_time_seconds"
}

extension Metric {
    /// What tells the series of one metric apart.
    package enum Label: String, Hashable, Sendable {
        case model, target, outcome, operation, reason, from, to, state, kind, level, cause, pipeline, step, route,
            method
        case status, version
        case beneficiary = "for"
    }

    /// How a metric's values are to be understood.
    package enum Kind: Hashable, Sendable {
        /// Only grows, until the daemon starts anew.
        case counter
        /// Goes up and down; read when it is asked for.
        case gauge
        /// Counts values by size: by these upper bounds, in ascending order, and infinity.
        case histogram([Double])

        /// The type's name in Prometheus's text.
        package var name: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// What there is to know about a metric.
    package struct About: Sendable {
        /// How its values are to be understood.
        package let kind: Kind
        /// Its labels, in the order in which their values are given.
        package let labels: [Label]
        /// What it says, in a sentence.
        package let help: String
        /// A query that it answers, in PromQL.
        package let query: String

        static func counter(_ labels: Label..., help: String, query: String) -> About {
            About(kind: .counter, labels: labels, help: help, query: query)
        }

        static func gauge(_ labels: Label..., help: String, query: String) -> About {
            About(kind: .gauge, labels: labels, help: help, query: query)
        }

        static func histogram(_ bounds: [Double], _ labels: Label..., help: String, query: String) -> About {
            About(kind: .histogram(bounds), labels: labels, help: help, query: query)
        }
    }
}
