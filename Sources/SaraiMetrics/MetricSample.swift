/// The value of one series at one moment.
package struct MetricSample: Hashable, Sendable {
    /// What it is a value of.
    let metric: Metric
    /// The values of the metric's labels, in their order.
    let labels: [String]
    let reading: MetricSeries.Reading

    /// A value that was counted.
    init(metric: Metric, labels: [String], reading: MetricSeries.Reading) {
        self.metric = metric
        self.labels = labels
        self.reading = reading
    }

    /// A value that was read: of a gauge, or of a counter that somebody else counts.
    package init(_ metric: Metric, _ labels: String..., value: Double) {
        assert(metric.about.labels.count == labels.count, "\(metric.rawValue) has the labels \(metric.about.labels)")
        self.init(metric: metric, labels: labels, reading: .init(sum: value, counts: []))
    }

    /// A sample for each of some states: 1 for the one that holds, 0 for the others.
    ///
    /// - Parameters:
    ///   - metric: its last label names the state.
    ///   - labels: the values of the other labels.
    ///   - states: all that there may be.
    ///   - current: the one that holds.
    /// - Returns: as many samples as there are states.
    package static func states(
        _ metric: Metric, _ labels: String..., among states: [String], current: String
    ) -> [MetricSample] {
        states.map { state in
            MetricSample(
                metric: metric, labels: labels + [state], reading: .init(sum: state == current ? 1 : 0, counts: []))
        }
    }
}
