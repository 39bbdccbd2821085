import Foundation
import SaraiCore
import SaraiMemory
import SaraiPool

extension PoolEvent.Body {
    /// How good or bad it is.
    var tone: TextStyle.Tone {
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

    /// Where it happened: a target, a model, or the daemon.
    var place: String {
        target ?? model ?? "sarai"
    }

    /// What happened, in a few words.
    var what: String {
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
    var why: String? {
        if kind == .evicted {
            return beneficiary.map { "makes room for \($0)" } ?? "the machine is short of memory"
        }
        return reason ?? changes
    }

    private var duration: String {
        Duration.seconds(seconds ?? 0).text
    }
}

extension PoolEvent {
    /// When it happened, in a time zone.
    ///
    /// - Parameters:
    ///   - zone: the reader's.
    ///   - isBrief: whether seconds of today are all that matters.
    /// - Returns: the date and the time, or the time.
    func when(in zone: TimeZone, isBrief: Bool) -> String {
        let style = Date.ISO8601FormatStyle(dateTimeSeparator: .space, timeZone: zone)
        return timestamp(
            isBrief
                ? style.time(includingFractionalSeconds: false)
                : style.year().month().day().time(includingFractionalSeconds: true))
    }
}
