import ArgumentParser
import Foundation
import SaraiCore
import Synchronization

/// `sarai top`: what the daemon does, live.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show memory, models, speeds and events live; load, unload and pin with a key.",
        discussion: "'?' shows the keys. Where there is no terminal it prints one frame, as with --once.")

    @Flag(help: "Print one frame, and end.")
    var once = false

    @Flag(help: "Print JSON, an object a line: one with --once, else one each interval.")
    var json = false

    @Option(help: ArgumentHelp("Seconds between two looks at the daemon.", valueName: "seconds"))
    var interval = 1.0

    @OptionGroup var client: ClientOptions

    private static let intervals = 0.1...3600
    /// Columns of a frame that no terminal shows.
    private static let widthElsewhere = 120

    func validate() throws {
        guard Self.intervals.contains(interval) else {
            throw ValidationError("--interval: expected seconds from 0.1 to 3600, found \(interval).")
        }
    }

    func run() async throws {
        let interval = Duration.milliseconds(fraction: interval * 1000)
        try await DaemonClient.connect(to: client.address()) { client in
            if json {
                try await printJSON(of: client, every: interval)
            } else if once || !Console.isTerminal(.output) {
                try await printFrame(of: client)
            } else {
                try await TopSession(client, interval: interval).run()
            }
        }
    }

    private func printFrame(of client: DaemonClient) async throws {
        let state = Mutex(TopState(address: "\(client.address)"))
        let snapshot = try await client.state().snapshot
        try await client.events(of: nil, follows: false) { event, _ in state.withLock { $0.happened(event) } }
        state.withLock { $0.saw(snapshot, at: .now) }
        let frame = TopFrame(
            state.withLock(\.self), width: TerminalScreen.size?.width ?? Self.widthElsewhere, height: nil)
        let style = TextStyle(for: .output)
        let isPlain = !Console.isTerminal(.output)
        Console.write(frame.lines.map { (isPlain ? $0.text : $0.rendered(style)) + "\n" }.joined())
    }

    private func printJSON(of client: DaemonClient, every interval: Duration) async throws {
        var state = TopState(address: "\(client.address)")
        while true {
            let (snapshot, json) = try await client.state()
            state.saw(snapshot, at: .now)
            try OutputOptions.showJSONLine(TopReport(time: Date(), rates: state.rates, state: json))
            guard !once else {
                return
            }
            try await Task.sleep(for: interval)
        }
    }
}

/// What `--json` prints.
private struct TopReport: Encodable {
    let time: String
    let rates: [String: TopRates]
    /// As `/api/pool/state` tells it.
    let state: JSONValue

    init(time: Date, rates: [String: TopRates], state: JSONValue) {
        self.time = time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        self.rates = rates
        self.state = state
    }
}
