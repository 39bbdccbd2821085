import SaraiBackends
import SaraiCore
import SaraiMetrics

extension MetricRegistry {
    /// Counts something that happened in the pool.
    func count(_ event: PoolEvent.Body) {
        add(.eventsPosted, event.kind.rawValue)
        let model = event.model ?? "", target = event.target ?? ""
        switch event.kind {
        case .loading where event.progress == 0:
            add(.workerStarts, model, target)
        case .ready:
            observe(.loadDuration, model, target, seconds: event.seconds ?? 0)
        case .unloaded:
            add(.unloads, model, target)
        case .evicted:
            add(.evictions, model, target, event.beneficiary ?? "")
        case .failed:
            add(.loadFailures, model, target)
        case .killed:
            add(.workerDeaths, model, target, event.memory == true ? "memory" : "other")
        case .failingOver:
            let kind = BackendError.Kind(reason: event.reason ?? "")
            add(.failovers, model, event.from ?? "", event.to ?? "", kind.rawValue)
        case .resumed:
            add(.resumes, model, event.from ?? "", event.to ?? "")
        case .ejected:
            add(.ejections, model, target)
        case .recovered:
            add(.recoveries, model, target)
        case .overloaded:
            add(.queueRefusals, model)
        case .selfProbe:
            add(.selfProbes, model, target, event.ok == true ? "answered" : "failed")
        case .step:
            observe(
                .pipelineStep, event.pipeline ?? "", event.step ?? "", event.outcome?.rawValue ?? "",
                seconds: event.seconds ?? 0)
        case .reloaded:
            add(.reloads)
        // Their states are read when they are asked for.
        case .loading, .halfOpen, .pressure, .draining, .missed:
            break
        }
    }
}
