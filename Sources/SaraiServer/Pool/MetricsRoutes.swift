import HTTPTypes
import Hummingbird
import NIOCore
import SaraiMemory
import SaraiMetrics
import SaraiPool

/// What Prometheus reads.
struct MetricsRoutes: Sendable {
    let pool: ModelPool
    let version: String

    /// Adds the route.
    func add(to router: Router<ServerContext>) {
        router.get("/metrics") { request, _ in
            let format = Exposition.Format(accept: request.headers[.accept])
            let samples = pool.metrics.samples + pool.snapshot().samples + daemonSamples
            return Response(
                status: .ok, headers: [.contentType: format.contentType, .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(string: Exposition(format).text(samples))))
        }
    }

    private var daemonSamples: [MetricSample] {
        [MetricSample(.buildInfo, version, value: 1)] + (ProcessFigures.own()?.samples ?? [])
    }
}

extension ProcessFigures {
    /// What metrics tell of this process.
    fileprivate var samples: [MetricSample] {
        [
            MetricSample(.processCPU, value: cpuSeconds),
            MetricSample(.processResident, value: Double(residentBytes)),
            MetricSample(.processVirtual, value: Double(virtualBytes)),
            MetricSample(.processOpenFiles, value: Double(openFiles)),
            MetricSample(.processStart, value: startTime),
        ] + (maxFiles.map { [MetricSample(.processMaxFiles, value: Double($0))] } ?? [])
    }
}
