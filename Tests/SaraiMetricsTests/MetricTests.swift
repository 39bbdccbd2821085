import Foundation
import Testing

@testable import SaraiMetrics

@Suite("The metrics")
struct MetricTests {
    @Test("docs/metrics.md is fresh; SARAI_UPDATE_DOCS=1 writes it")
    func page() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = root.appending(path: "docs/metrics.md")
        if ProcessInfo.processInfo.environment["SARAI_UPDATE_DOCS"] == "1" {
            try Data(MetricReference.markdown.utf8).write(to: page)
        }
        let committed = try String(contentsOf: page, encoding: .utf8)
        #expect(
            committed == MetricReference.markdown,
            "Refresh it with 'sarai metrics --reference > docs/metrics.md'.")
    }

    @Test("names follow Prometheus's conventions", arguments: Metric.allCases)
    func names(metric: Metric) {
        let name = metric.rawValue
        #expect(name.wholeMatch(of: /(sarai|process)_[a-z_]+/) != nil)
        switch metric.about.kind {
        case .counter:
            #expect(name.hasSuffix("_total"))
        case .gauge:
            #expect(!name.hasSuffix("_total"))
        case .histogram(let bounds):
            #expect(name.hasSuffix("_seconds"))
            #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count && !bounds.isEmpty)
        }
    }

    @Test("an example of a query asks for metrics that there are", arguments: Metric.allCases)
    func queries(metric: Metric) {
        let asked = metric.about.query.matches(of: /(sarai|process)_[a-z_]+/).map { String($0.output.0) }
        #expect(!asked.isEmpty)
        for name in asked {
            let family = name.replacing(/_(bucket|count|sum)$/, with: "")
            #expect(Metric(rawValue: name) != nil || Metric(rawValue: family) != nil, "\(name)")
        }
        #expect(metric.about.labels.count == Set(metric.about.labels).count)
    }
}

@Suite("What was counted")
struct MetricRegistryTests {
    @Test("a metric has no more series than it may have; what comes after that counts together")
    func bounded() {
        let registry = MetricRegistry()
        for number in 0..<(MetricRegistry.maximumSeries + 50) {
            registry.add(.retries, "model-\(number)")
        }
        registry.add(.retries, "model-0")
        #expect(registry.samples.count == MetricRegistry.maximumSeries + 1)
        #expect(registry.total(.retries, MetricRegistry.others).sum == 50)
        #expect(registry.total(.retries, "model-0").sum == 2)
    }

    @Test("what might happen begins at 0, keeps what was counted, and leaves room for what does happen")
    func prepared() {
        let registry = MetricRegistry()
        registry.prepare(.retries, "model-0")
        #expect(registry.samples.map(\.reading.sum) == [0])
        registry.add(.retries, "model-0")
        for number in 0..<MetricRegistry.maximumSeries {
            registry.prepare(.retries, "model-\(number)")
        }
        #expect(registry.samples.count == MetricRegistry.maximumPrepared)
        #expect(registry.total(.retries, "model-0").sum == 1)
        registry.add(.retries, "late")
        #expect(registry.total(.retries, "late").sum == 1)
    }

    @Test("a total is of all series of a model")
    func totals() {
        let registry = MetricRegistry()
        registry.observe(.timeToFirstToken, "solar", "a", seconds: 1)
        registry.observe(.timeToFirstToken, "solar", "b", seconds: 2.5)
        registry.observe(.timeToFirstToken, "lfm2", "c", seconds: 9)
        #expect(registry.total(.timeToFirstToken, "solar") == (2, 3.5))
        #expect(registry.total(.timeToFirstToken, "none") == (0, 0))
    }

    @Test("nothing is lost when many count at once")
    func concurrent() async {
        let registry = MetricRegistry()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        registry.add(.retries, "solar")
                        registry.observe(.queueWait, "solar", seconds: 1)
                    }
                }
            }
        }
        #expect(registry.total(.retries, "solar").sum == 8000)
        #expect(registry.total(.queueWait, "solar") == (8000, 8000))
    }
}
