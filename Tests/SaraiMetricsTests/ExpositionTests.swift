import Testing

@testable import SaraiMetrics

@Suite("The text for Prometheus")
struct ExpositionTests {
    /// The lines about one metric.
    private func lines(_ metric: Metric, _ samples: [MetricSample], _ format: Exposition.Format = .text) -> [String] {
        let text = Exposition(format).text(samples)
        let name = metric.rawValue.replacing(/_total$/, with: "")
        return text.split(separator: "\n").map(String.init).filter { $0.contains(name) && !$0.hasPrefix("# HELP") }
    }

    @Test("every metric is described, also where nothing was counted")
    func descriptions() {
        let lines = Exposition(.text).text([]).split(separator: "\n")
        #expect(lines.count == 2 * Metric.allCases.count)
        for metric in Metric.allCases {
            #expect(lines.contains("# TYPE \(metric.rawValue) \(metric.about.kind.name)"))
            #expect(lines.contains { $0.hasPrefix("# HELP \(metric.rawValue) ") && $0.count > 40 })
        }
    }

    @Test("a counter")
    func counter() {
        let registry = MetricRegistry()
        registry.add(.queueRefusals, "solar")
        registry.add(.queueRefusals, "solar", amount: 2)
        registry.add(.queueRefusals, "lfm2", amount: 1e15)
        registry.add(.queueRefusals, "lfm2", amount: -5)
        #expect(
            lines(.queueRefusals, registry.samples) == [
                "# TYPE sarai_queue_refusals_total counter",
                #"sarai_queue_refusals_total{model="lfm2"} 1000000000000000.0"#,
                #"sarai_queue_refusals_total{model="solar"} 3.0"#,
            ])
    }

    @Test("a histogram counts each value in every bucket that is wide enough")
    func histogram() {
        let registry = MetricRegistry()
        for seconds in [0.01, 0.011, 0.3, 1000] {
            registry.observe(.queueWait, "solar", seconds: seconds)
        }
        let lines = lines(.queueWait, registry.samples)
        #expect(lines.contains(#"sarai_queue_wait_seconds_bucket{model="solar",le="0.01"} 1"#))
        #expect(lines.contains(#"sarai_queue_wait_seconds_bucket{model="solar",le="0.025"} 2"#))
        #expect(lines.contains(#"sarai_queue_wait_seconds_bucket{model="solar",le="0.25"} 2"#))
        #expect(lines.contains(#"sarai_queue_wait_seconds_bucket{model="solar",le="0.5"} 3"#))
        #expect(lines.contains(#"sarai_queue_wait_seconds_bucket{model="solar",le="600.0"} 3"#))
        #expect(lines.contains(#"sarai_queue_wait_seconds_bucket{model="solar",le="+Inf"} 4"#))
        #expect(lines.contains(#"sarai_queue_wait_seconds_count{model="solar"} 4"#))
        #expect(lines.last == #"sarai_queue_wait_seconds_count{model="solar"} 4"#)
        #expect(lines.dropLast().last?.hasPrefix(#"sarai_queue_wait_seconds_sum{model="solar"} 1000.321"#) == true)
    }

    @Test("what a label says cannot end it")
    func escapes() {
        let sample = MetricSample(.queueLength, "a\"b\\c\nd", value: 1)
        #expect(lines(.queueLength, [sample]).last == #"sarai_queue_length{model="a\"b\\c\nd"} 1.0"#)
    }

    @Test("of the states exactly one holds")
    func states() {
        let samples = MetricSample.states(.memoryPressure, among: ["calm", "evict"], current: "evict")
        #expect(
            lines(.memoryPressure, samples).dropFirst() == [
                #"sarai_memory_pressure{level="calm"} 0.0"#, #"sarai_memory_pressure{level="evict"} 1.0"#,
            ])
    }

    @Test("OpenMetrics names a counter's family without its suffix, and ends with a mark")
    func openMetrics() {
        let registry = MetricRegistry()
        registry.add(.reloads)
        #expect(
            lines(.reloads, registry.samples, .openMetrics) == [
                "# TYPE sarai_reloads counter", "sarai_reloads_total 1.0",
            ])
        #expect(Exposition(.openMetrics).text([]).hasSuffix("\n# EOF\n"))
        #expect(!Exposition(.text).text([]).contains("EOF"))
    }

    @Test(
        "the form that is asked for",
        arguments: [
            (nil, "text/plain; version=0.0.4; charset=utf-8"), ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3",
                "application/openmetrics-text; version=1.0.0; charset=utf-8"
            ),
        ])
    func formats(accept: String?, contentType: String) {
        #expect(Exposition.Format(accept: accept).contentType == contentType)
    }
}
