import Foundation
import SaraiCore
import SaraiHub
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// Shows how a pull goes: a bar on a terminal, else a line now and then, or JSON.
final class PullView: Sendable {
    /// How it is shown.
    enum Form {
        /// A moving line on stderr.
        case bar
        /// Lines on stderr, ten for each file.
        case lines
        /// Objects on stdout, a line each.
        case json
        case nothing
    }

    private struct State {
        var meter = SpeedMeter()
        /// What the meter measures.
        var measured: String?
        var shownTenth = -1
        var hasBar = false
    }

    private let form: Form
    private let start = ContinuousClock.now
    private let state = Mutex(State())
    private let style = TextStyle(for: .error)

    /// The view that suits what was asked for and where it is shown.
    init(_ format: OutputFormat) {
        form =
            switch format {
            case .text: Console.isTerminal(.error) ? .bar : .lines
            case .json: .json
            case .quiet: .nothing
            }
    }

    /// Shows what happened.
    func show(_ event: PullEvent) {
        state.withLock { state in
            switch form {
            case .nothing: break
            case .json: try? OutputOptions.showJSONLine(PullJSON(event, speed: measure(event, &state)))
            case .bar, .lines: tell(event, &state)
            }
        }
    }

    /// Leaves the moving line.
    func end() {
        state.withLock { clear(&$0) }
    }

    private func tell(_ event: PullEvent, _ state: inout State) {
        let name = event.item.name
        switch event.step {
        case .present: note("\(name) is there already, and is what it should be", &state)
        case .started(let completed, let total):
            let rest = completed > 0 ? ", going on from \(MemorySize(bytes: completed))" : ""
            note("fetching \(name), \(MemorySize(bytes: total))\(rest)", &state)
        case .receiving(let completed, let total): move(event, "fetching", completed, total, &state)
        case .verifying(let completed, let total): move(event, "checking", completed, total, &state)
        case .retrying(let reason, let delay):
            note(style("\(reason). Trying again in \(ProgressText.text(delay)).", .caution), &state)
        case .startingOver(let reason): note(style("Beginning anew: \(reason).", .caution), &state)
        case .finished: note("\(name) is complete and checked", &state)
        }
    }

    private func move(_ event: PullEvent, _ activity: String, _ completed: Int, _ total: Int, _ state: inout State) {
        let speed = measure(event, &state)
        let text = ProgressText(
            name: event.item.name, completed: completed, total: total, activity: activity, speed: speed,
            timeLeft: state.meter.timeLeft(of: total))
        if form == .bar {
            state.hasBar = true
            Console.prompt("\r\u{1B}[K" + text.bar(width: Self.width))
        } else if activity == "fetching", text.percent / 10 > state.shownTenth {
            state.shownTenth = text.percent / 10
            Console.note(text.line)
        }
    }

    private func note(_ line: String, _ state: inout State) {
        clear(&state)
        Console.note(line)
    }

    private func clear(_ state: inout State) {
        if state.hasBar {
            state.hasBar = false
            Console.prompt("\r\u{1B}[K")
        }
    }

    private func measure(_ event: PullEvent, _ state: inout State) -> Double? {
        let (activity, completed): (String, Int)
        switch event.step {
        case .receiving(let count, _): (activity, completed) = ("fetching", count)
        case .verifying(let count, _): (activity, completed) = ("checking", count)
        default: return nil
        }
        let measured = "\(activity) \(event.item.path)"
        if state.measured != measured {
            (state.meter, state.measured, state.shownTenth) = (SpeedMeter(), measured, -1)
        }
        state.meter.note(completed, at: ContinuousClock.now - start)
        return state.meter.bytesPerSecond
    }

    /// Columns of the terminal, less one: a cursor in the last would begin a new line.
    private static var width: Int {
        var size = winsize()
        let isKnown = ioctl(Console.Stream.error.rawValue, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20
        return (isKnown ? Int(size.ws_col) : 80) - 1
    }
}

/// What happened, for programs.
struct PullJSON: Encodable {
    private let status: String
    private let file: String
    private let source: String
    private var completed: Int?
    private var total: Int?
    private var bytesPerSecond: Int?
    private var secondsLeft: Double?
    private var reason: String?

    /// An event.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - speed: bytes in a second, where that is known.
    init(_ event: PullEvent, speed: Double?) {
        file = event.item.path
        source = event.item.source
        switch event.step {
        case .present: status = "present"
        case .started(let start, let all): (status, completed, total) = ("started", start, all)
        case .receiving(let count, let all): (status, completed, total) = ("receiving", count, all)
        case .retrying(let why, let delay):
            (status, reason, secondsLeft) = ("retrying", why, delay.seconds.rounded(to: 2))
        case .startingOver(let why): (status, reason) = ("starting_over", why)
        case .verifying(let count, let all): (status, completed, total) = ("verifying", count, all)
        case .finished: status = "finished"
        }
        bytesPerSecond = speed.map { Int($0) }
        if let speed, speed >= 1, let completed, let total {
            secondsLeft = (Double(total - completed) / speed).rounded(to: 1)
        }
    }
}
