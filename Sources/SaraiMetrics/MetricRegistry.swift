import Synchronization

/// What was counted since the daemon started.
package final class MetricRegistry: Sendable {
    /// Series of one metric, at most. Labels have names from the configuration, which may change while the daemon runs; what comes
    /// after that many counts as ``others``.
    static let maximumSeries = 1000
    /// Series of one metric, at most, that ``prepare(_:_:)`` makes: what happens has room beside what might.
    static let maximumPrepared = 500
    /// The value of all labels of what is beyond ``maximumSeries``.
    static let others = "others"

    private let families = Mutex<[Metric: [[String]: MetricSeries]]>([:])

    /// A registry in which nothing was counted.
    package init() {}

    /// The series of a metric's label values, in the order of the metric's labels.
    package func series(_ metric: Metric, _ values: String...) -> MetricSeries {
        series(metric, values)
    }

    /// Adds to a counter.
    package func add(_ metric: Metric, _ values: String..., amount: Double = 1) {
        series(metric, values).add(amount)
    }

    /// Adds a value to a histogram.
    package func observe(_ metric: Metric, _ values: String..., seconds: Double) {
        series(metric, values).observe(seconds)
    }

    /// Begins a counter at 0, unless there is no room for what has not happened yet.
    ///
    /// Prometheus sees the growth of a series, not its beginning: of one that begins with its first count, `increase` says 0.
    package func prepare(_ metric: Metric, _ values: String...) {
        let hasRoom = families.withLock { ($0[metric]?.count ?? 0) < Self.maximumPrepared }
        if hasRoom {
            _ = series(metric, values)
        }
    }

    private func series(_ metric: Metric, _ values: [String]) -> MetricSeries {
        let about = metric.about
        assert(about.labels.count == values.count, "\(metric.rawValue) has the labels \(about.labels)")
        return families.withLock { families in
            if let series = families[metric]?[values] {
                return series
            }
            let isFull = families[metric, default: [:]].count >= Self.maximumSeries
            let key = isFull ? values.map { _ in Self.others } : values
            let series = families[metric]?[key] ?? MetricSeries(about.kind)
            families[metric, default: [:]][key] = series
            return series
        }
    }

    /// Everything counted, in no particular order.
    package var samples: [MetricSample] {
        families.withLock { $0 }.flatMap { metric, family in
            family.map { MetricSample(metric: metric, labels: $0.key, reading: $0.value.reading) }
        }
    }

    /// All series of a metric together whose first label has this value.
    ///
    /// - Returns: how many values a histogram has, 0 for a counter; and the sum of all.
    package func total(_ metric: Metric, _ value: String) -> (count: Int, sum: Double) {
        let family = families.withLock { $0[metric] ?? [:] }
        return family.filter { $0.key.first == value }.values.map(\.reading).reduce(into: (0, 0.0)) { total, reading in
            total.0 += reading.counts.reduce(0, +)
            total.1 += reading.sum
        }
    }
}
