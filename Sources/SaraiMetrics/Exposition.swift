/// Writes samples as Prometheus reads them.
///
/// Sources: Prometheus's text format 0.0.4; OpenMetrics 1.0, which calls a counter's family by its name without `_total` and
/// marks the end.
package struct Exposition: Sendable {
    /// The two forms that Prometheus asks for.
    package enum Format: Sendable {
        case text, openMetrics

        /// The form that an `Accept` header asks for; OpenMetrics where it is named at all.
        package init(accept: String?) {
            self = accept?.contains("application/openmetrics-text") == true ? .openMetrics : .text
        }

        /// The answer's `Content-Type`.
        package var contentType: String {
            switch self {
            case .text: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

    private let format: Format

    /// Writes in one of the forms.
    package init(_ format: Format) {
        self.format = format
    }

    /// Every metric with its description, also those of which there are no samples yet.
    package func text(_ samples: [MetricSample]) -> String {
        let families = Dictionary(grouping: samples, by: \.metric)
        var text = ""
        for metric in Metric.allCases {
            write(metric, families[metric] ?? [], to: &text)
        }
        if format == .openMetrics {
            text += "# EOF\n"
        }
        return text
    }

    private func write(_ metric: Metric, _ samples: [MetricSample], to text: inout String) {
        let about = metric.about
        let family = familyName(of: metric, about.kind)
        text += "# HELP \(family) \(Self.escaped(about.help, quotes: format == .openMetrics))\n"
        text += "# TYPE \(family) \(about.kind.name)\n"
        for sample in samples.sorted(by: { $0.labels.lexicographicallyPrecedes($1.labels) }) {
            let labels = zip(about.labels, sample.labels).map { label, value in
                "\(label.rawValue)=\"\(Self.escaped(value, quotes: true))\""
            }
            switch about.kind {
            case .counter, .gauge:
                text += Self.line(metric.rawValue, labels, Self.number(sample.reading.sum))
            case .histogram(let bounds):
                var count = 0
                for (bound, number) in zip(bounds.map(Self.number) + ["+Inf"], sample.reading.counts) {
                    count += number
                    text += Self.line("\(metric.rawValue)_bucket", labels + ["le=\"\(bound)\""], "\(count)")
                }
                text += Self.line("\(metric.rawValue)_sum", labels, Self.number(sample.reading.sum))
                text += Self.line("\(metric.rawValue)_count", labels, "\(count)")
            }
        }
    }

    private func familyName(of metric: Metric, _ kind: Metric.Kind) -> String {
        let suffix = "_total"
        guard format == .openMetrics, kind == .counter, metric.rawValue.hasSuffix(suffix) else {
            return metric.rawValue
        }
        return String(metric.rawValue.dropLast(suffix.count))
    }

    private static func line(_ name: String, _ labels: [String], _ value: String) -> String {
        name + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}") + " \(value)\n"
    }

    /// Whole numbers without an exponent, which Swift would write for large ones.
    private static func number(_ value: Double) -> String {
        Int(exactly: value).map { "\($0).0" } ?? "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        return quotes ? escaped.replacing("\"", with: "\\\"") : escaped
    }
}
