import ArgumentParser
import SaraiMetrics

/// `sarai metrics`: what Prometheus reads.
struct MetricsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Print what the daemon has counted and measured, in Prometheus's text format.")

    @Flag(help: "Print the reference page of all metrics, in Markdown, and ask no daemon.")
    var reference = false

    @OptionGroup var client: ClientOptions

    func run() async throws {
        guard !reference else {
            return Console.write(MetricReference.markdown)
        }
        try await DaemonClient.connect(to: client.address()) { client in
            Console.write(try await client.metrics())
        }
    }
}
