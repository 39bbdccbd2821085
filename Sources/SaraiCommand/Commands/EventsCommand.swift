import ArgumentParser
import Foundation
import SaraiCore
import SaraiMemory
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

    @Option(help: "Only what concerns this model, or every model.")
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
        let when = timestamp(
            Date.ISO8601FormatStyle(dateTimeSeparator: .space, timeZone: .current).year().month().day()
                .time(includingFractionalSeconds: true))
        let place = body.target ?? body.model ?? "sarai"
        // As wide as most targets are; a longer one moves its own line only.
        let space = String(repeating: " ", count: max(0, 28 - place.count))
        let what = style(body.what, body.tone) + (body.why.map { ": \($0)" } ?? "")
        return "\(style(when, .faint))  \(style(place, .strong))\(space)  \(Console.presentable(what))"
    }
}

extension PoolEvent.Body {
    fileprivate var tone: TextStyle.Tone {
        switch kind {
        case .ready, .recovered: .good
        case .loading, .unloaded, .halfOpen: .faint
        case .evicted, .failingOver, .resumed, .ejected, .overloaded, .draining, .missed: .caution
        case .failed, .killed: .bad
        case .pressure: level == .calm ? .good : .caution
        case .selfProbe: ok == true ? .faint : .bad
        case .step: outcome == .failed ? .caution : .plain
        case .reloaded: .plain
        }
    }

    /// What happened, in a few words.
    fileprivate var what: String {
        switch kind {
        case .loading: "loading \(Int((progress ?? 0) * 100)) %"
        case .ready: "ready after \(duration)"
        case .unloaded: "unloaded"
        case .evicted: "evicted"
        case .failed: "failed"
        case .killed: "ended unasked"
        case .failingOver: "fails over from \(from ?? "?") to \(to ?? "?")"
        case .resumed: "resumed by \(to ?? "?") after \(characters ?? 0) characters from \(from ?? "?")"
        case .ejected: "ejected for \(duration)"
        case .halfOpen: "is tried again"
        case .recovered: "recovered"
        case .overloaded: "refuses requests, \(count ?? 0) wait"
        case .pressure: "memory pressure \(level?.rawValue ?? "?")"
        case .selfProbe: ok == true ? "answered a probe in \(duration)" : "did not answer a probe"
        case .step: "step \(step ?? "?") of \(pipeline ?? "?") \(outcome?.rawValue ?? "over") after \(duration)"
        case .reloaded: "configuration reloaded"
        case .draining: "draining: takes no new requests"
        case .missed: "\(count ?? 0) events missed"
        }
    }

    /// Why, or what it means.
    fileprivate var why: String? {
        if kind == .evicted {
            return beneficiary.map { "makes room for \($0)" } ?? "the machine is short of memory"
        }
        return reason ?? changes
    }

    private var duration: String {
        Duration.seconds(seconds ?? 0).text
    }
}
