import ArgumentParser
import Foundation
import SaraiPool

/// `sarai events`: what happens in the pool.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show what happens: loads, evictions, failovers, crashes.",
        discussion: """
            First comes what the daemon remembers, the last 1000 events, then what happens from now on, until Ctrl-C or \
            until the daemon ends.
            """)

    @Option(help: "Only what concerns this model, or every model.", completion: .model)
    var model: String?

    @Flag(inversion: .prefixedNo, help: "Wait for what is to come.")
    var follow = true

    @Flag(help: "Print JSON, an object a line.")
    var json = false

    @OptionGroup var client: ClientOptions

    func run() async throws {
        let address = try client.address()
        let style = TextStyle(for: .output)
        try await DaemonClient.connect(to: address) { client in
            try await client.events(of: model, follows: follow) { [json] event, text in
                Console.write((json ? String(text) : event.line(style)) + "\n")
            }
        }
        if follow {
            throw CommandFailure(.unavailable, "the daemon at \(address) has ended.")
        }
    }
}

extension PoolEvent {
    /// The event for a person: when, where, what and why.
    fileprivate func line(_ style: TextStyle) -> String {
        let when = when(in: .current, isBrief: false)
        let place = body.place
        // As wide as most targets are; a longer one moves its own line only.
        let space = String(repeating: " ", count: max(0, 28 - place.count))
        let what = style(body.what, body.tone) + (body.why.map { ": \($0)" } ?? "")
        return "\(style(when, .faint))  \(style(place, .strong))\(space)  \(Console.presentable(what))"
    }
}
