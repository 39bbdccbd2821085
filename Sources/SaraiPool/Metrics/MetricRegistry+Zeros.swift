import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiMetrics

extension MetricRegistry {
    /// Begins at 0 what may happen to the models and targets of a configuration: series that are there already go on.
    func prepare(_ configuration: Configuration) {
        prepare(.reloads)
        // Of missed events only their reader is told.
        for kind in PoolEvent.Kind.allCases where kind != .missed {
            prepare(.eventsPosted, kind.rawValue)
        }
        let locals = configuration.models.filter { $0.localTarget != nil }.map(\.name)
        for model in configuration.models {
            for metric in [Metric.retries, .retriesRefused, .queueRefusals] {
                prepare(metric, model.name.rawValue)
            }
            for target in model.targets {
                prepare(target.id, isTwin: model.targets.count > 1, beneficiaries: locals)
            }
            prepareChanges(among: model.targets.map(\.id))
        }
    }

    /// What may happen to one target.
    private func prepare(_ id: TargetID, isTwin: Bool, beneficiaries: [ModelName]) {
        let (model, target) = (id.model.rawValue, "\(id)")
        guard id.kind.isLocal else {
            prepare(.ejections, model, target)
            prepare(.recoveries, model, target)
            return
        }
        for metric in [Metric.workerStarts, .loadFailures, .unloads] {
            prepare(metric, model, target)
        }
        for cause in ["memory", "other"] {
            prepare(.workerDeaths, model, target, cause)
        }
        if isTwin {
            for outcome in ["answered", "failed"] {
                prepare(.selfProbes, model, target, outcome)
            }
        }
        // Nobody in particular where the machine itself is short of memory.
        for beneficiary in [""] + beneficiaries.filter({ $0 != id.model }).map(\.rawValue) {
            prepare(.evictions, model, target, beneficiary)
        }
    }

    /// What may happen between a model's targets.
    private func prepareChanges(among targets: [TargetID]) {
        for from in targets {
            for to in targets where to != from {
                prepare(.resumes, from.model.rawValue, "\(from)", "\(to)")
                for kind in BackendError.Kind.allCases {
                    prepare(.failovers, from.model.rawValue, "\(from)", "\(to)", kind.rawValue)
                }
            }
        }
    }
}
