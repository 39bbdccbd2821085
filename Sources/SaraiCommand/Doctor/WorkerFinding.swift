import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SaraiPipelines
import SaraiPool

extension TargetFinding {
    /// For how long a failure of a worker that is well again is worth a look.
    private static let recent = 3600.0

    /// What is to be said of a file on this machine, and of its worker.
    ///
    /// - Parameters:
    ///   - target: the target.
    ///   - entry: what is planned for it; `nil` where the plan says nothing.
    ///   - daemon: the daemon that runs, if one does.
    ///   - log: path of the log of the worker's present run, or its last one; `nil` if it has none.
    init(_ target: LocalTargetConfiguration, entry: ConfigurationPlan.Entry?, daemon: DaemonView?, log: String?) {
        let known = daemon?.target("\(target.id)")
        let history = daemon?.history(of: "\(target.id)")
        // When the worker runs again, the log of the run before it has moved.
        let isAgain = known?.pid != nil && history?.failures.isEmpty == false
        name = "model \(target.id.model)"
        place = "the file on this machine"
        facts = TargetFacts(
            file: "\(target.id)", fault: entry?.fault, daemon: known, history: history,
            log: log.map { isAgain ? $0 + ".1" : $0 })
        if let fault = entry?.fault {
            condition = .broken(isTolerable: entry?.model.isBestEffort ?? false)
            lines = [fault]
            advice =
                "Put the whole file there, or correct models.\(target.id.model) in the configuration. "
                + Self.pullAdvice(target) + "'sarai plan --gguf FILE' shows whether a file is sound."
            return
        }
        lines = ["\(target.path) is sound" + (entry.map { " and will need \($0.line.footprint.resident)" } ?? "")]
        guard daemon != nil else {
            return
        }
        guard let known, let history else {
            isStrange()
            return
        }
        tell(known, history)
        tell(known.probe)
    }

    /// How the file could be fetched, as a sentence; of a Whisper model, which is a folder, nothing.
    private static func pullAdvice(_ target: LocalTargetConfiguration) -> String {
        guard target.gguf != nil else {
            return ""
        }
        return target.pullAdvice.map { "\($0). " }
            ?? "With 'source: hf.co/ORG/REPO' beside it, 'sarai pull \(target.id.model)' could fetch it. "
    }

    /// Adds how the worker is and what it has gone through.
    private mutating func tell(_ known: PoolSnapshot.Target, _ history: WorkerHistory) {
        let ago = history.last?.secondsAgo.age
        switch known.state {
        case .ready:
            let process = known.pid.map { ", process \($0)" } ?? ""
            let busy = "\(known.inFlight) of \(known.capacity) slots busy"
            lines.append("Loaded" + (ago.map { " \($0) ago" } ?? "") + "\(process), \(busy).")
        case .unloaded:
            lines.append("Not loaded\(Self.cause(of: history)); the first request loads it.")
        case .loading:
            let progress = known.progress.map { ", \(Int($0 * 100)) %" } ?? ""
            lines.append("Loading\(progress)" + (known.reason.map { ": \($0)." } ?? "."))
        case .draining:
            lines.append("It ends when its last request is done.")
        case .failed:
            condition = .broken(isTolerable: false)
            lines.append("Down" + (ago.map { " for \($0)" } ?? "") + ": \(known.reason ?? "it failed").")
            advice = "Its log says more. 'sarai load \(facts.id.prefix { $0 != "/" })' starts it again at once."
        }
        if let last = history.failures.last {
            let count = history.failures.count == 1 ? "once" : "\(history.failures.count) times"
            lines.append("It failed \(count), \(last.secondsAgo.age) ago: \(last.event.reason ?? "unknown").")
            if condition.serves, last.secondsAgo < Self.recent {
                condition = .doubtful
                advice = "It is well again. The log of that run says more."
            }
        }
        if !condition.serves || !history.failures.isEmpty, let log = facts.log {
            lines.append("Log: \(log)")
        }
    }

    /// Adds what its last trial has shown.
    private mutating func tell(_ probe: PoolSnapshot.Probe?) {
        guard let probe else {
            return
        }
        guard let failure = probe.failure else {
            lines.append("Tried out \(probe.agoSeconds.age) ago: answered in \(probe.seconds.inMilliseconds).")
            return
        }
        lines.append("Tried out \(probe.agoSeconds.age) ago: \(failure).")
        if condition.serves {
            condition = .doubtful
            advice = "It would not stand in for a server now: look at its log."
        }
    }

    /// Since when it is not loaded, and why.
    private static func cause(of history: WorkerHistory) -> String {
        guard let last = history.last else {
            return ""
        }
        let reason =
            switch last.event.kind {
            case .evicted: last.event.beneficiary.map { "made room for \($0)" } ?? "the machine was short of memory"
            default: last.event.reason ?? ""
            }
        return " for \(last.secondsAgo.age)" + (reason.isEmpty ? "" : ": \(reason)")
    }
}
