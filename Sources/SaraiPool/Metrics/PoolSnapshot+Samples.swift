import SaraiMemory
package import SaraiMetrics

extension PoolSnapshot {
    /// What metrics tell of the pool's state.
    package var samples: [MetricSample] {
        [
            MetricSample(.memoryBudget, value: Double(budgetBytes)),
            MetricSample(.memoryReserved, value: Double(reservedBytes)),
            MetricSample(.memoryFree, value: Double(max(0, budgetBytes - reservedBytes))),
            MetricSample(.memoryResident, value: Double(residentBytes)),
            MetricSample(.memoryHard, value: Double(hardBytes)),
            MetricSample(.coresUsable, value: Double(cores.usable)),
            MetricSample(.coresActive, value: Double(cores.active)),
        ]
            + MetricSample.states(
                .memoryPressure, among: PressureLevel.allCases.map(\.rawValue), current: pressure.rawValue)
            + models.flatMap(\.samples)
    }
}

extension PoolSnapshot.Model {
    fileprivate var samples: [MetricSample] {
        let predicted = (predictedKinds?.byName ?? []).map { kind, bytes in
            MetricSample(.memoryPredicted, name, kind, value: Double(bytes))
        }
        let measured = (measuredKinds?.byName ?? []).map { kind, bytes in
            MetricSample(.memoryMeasured, name, kind, value: Double(bytes))
        }
        return [MetricSample(.queueLength, name, value: Double(queued))] + predicted + measured
            + targets.flatMap { $0.samples(of: name) }
    }
}

extension PoolSnapshot.Target {
    fileprivate func samples(of model: String) -> [MetricSample] {
        let breaker = server.map { server in
            MetricSample.states(
                .breakerState, model, id, among: Breaker.Report.Name.allCases.map(\.rawValue), current: server.breaker)
        }
        return [
            MetricSample(.targetInFlight, model, id, value: Double(inFlight)),
            MetricSample(.targetCapacity, model, id, value: Double(capacity)),
        ]
            + MetricSample.states(
                .targetState, model, id, among: PoolSnapshot.State.allCases.map(\.rawValue), current: state.rawValue)
            + (breaker ?? [])
    }
}

extension PoolSnapshot.PredictedKinds {
    /// Bytes by kind, under the names that they have in JSON.
    fileprivate var byName: [(String, Int)] {
        [
            ("weights_mapped", weightsMapped), ("weights_private", weightsPrivate), ("kv", kv), ("compute", compute),
            ("projector", projector), ("prompt_cache", promptCache), ("overhead", overhead),
        ]
    }
}

extension PoolSnapshot.MeasuredKinds {
    /// Bytes by kind, under the names that they have in JSON.
    fileprivate var byName: [(String, Int)] {
        [
            ("model_files", modelFiles), ("anonymous", anonymous), ("program", program), ("page_cache", pageCache),
        ]
    }
}
