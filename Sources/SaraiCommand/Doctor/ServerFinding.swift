import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiPool

extension TargetFinding {
    /// What is to be said of a target on a server.
    ///
    /// - Parameters:
    ///   - target: the target.
    ///   - survey: what a look at the server has shown.
    ///   - daemon: the daemon that runs, if one does.
    init(
        _ target: RemoteTargetConfiguration, survey: Result<ServerSurvey, BackendError>, daemon: DaemonView?
    ) {
        let advice = ServerAdvice(target: target)
        let seen = try? survey.get()
        let fault: String?
        switch survey {
        case .failure(let error):
            fault = error.message
            self.advice = advice.text(for: error)
        case .success(let seen) where !seen.health.has(target.model):
            fault = "the server has no model '\(target.model)'"
            self.advice = advice.missingModel(among: seen.health.models)
        case .success:
            fault = nil
        }
        let known = daemon?.target("\(target.id)")
        // Only Ollama tells what is loaded.
        let isLoaded = target.id.kind == .ollama ? seen?.health.hasLoaded(target.model) : nil
        name = "server of \(target.id.model)"
        place = target.url
        facts = TargetFacts(
            server: "\(target.id)", survey: seen, fault: fault, isLoaded: isLoaded, daemon: known)
        condition = fault == nil ? .good : .broken(isTolerable: false)
        lines = [Self.headline(target, facts)] + Self.distance(seen)
        if daemon != nil {
            tell(known)
        }
    }

    private static func headline(_ target: RemoteTargetConfiguration, _ facts: TargetFacts) -> String {
        if let fault = facts.fault {
            return "\(target.url), model '\(target.model)': \(fault)"
        }
        let memory =
            switch facts.isLoaded {
            case nil: ""
            case .some(true): ", loaded"
            case .some(false): ", not loaded"
            }
        return "\(target.url) has '\(target.model)'\(memory)"
    }

    private static func distance(_ survey: ServerSurvey?) -> [String] {
        survey.map {
            [
                "Connects in \($0.latency.connect.seconds.inMilliseconds), first byte after "
                    + "\($0.latency.firstByte.seconds.inMilliseconds)."
            ]
        } ?? []
    }

    /// Adds what the daemon says of the server.
    private mutating func tell(_ known: PoolSnapshot.Target?) {
        guard let known, let server = known.server else {
            isStrange()
            return
        }
        let since = server.sinceSeconds.age
        let ahead = server.forSeconds?.age
        let isClosed: Bool
        switch server.breaker {
        case "open":
            isClosed = false
            let times = server.ejections > 1 ? ", ejected \(server.ejections) times in a row" : ""
            let end = ahead.map { "; it will be tried again in \($0) at the earliest" } ?? ""
            lines.append("The daemon has left it alone for \(since)\(times)\(end).")
        case "half_open":
            isClosed = false
            lines.append("The daemon tries it with the next request, since \(since).")
        case "recovering":
            isClosed = true
            lines.append(
                "It came back \(since) ago and gets its requests slowly" + (ahead.map { " for \($0)." } ?? "."))
        default:
            isClosed = true
            lines.append("In use for \(since), \(known.inFlight) of \(known.capacity) slots busy.")
        }
        if let rest = server.restsForSeconds {
            lines.append("It has too much to do and asked to be left alone for \(rest.age).")
        }
        if let error = server.lastError, let ago = server.lastErrorAgoSeconds {
            // The daemon's last health check has probably met what is said above.
            lines.append(
                error == facts.fault ? "The daemon met that \(ago.age) ago." : "Last error \(ago.age) ago: \(error).")
        }
        if condition.serves, !isClosed || server.restsForSeconds != nil {
            condition = .doubtful
            advice = "It answers now: nothing to do unless it fails again."
        }
    }
}

extension TargetFinding {
    /// Says that the daemon does not know the target.
    mutating func isStrange() {
        lines.append("The daemon does not know it: it runs with another configuration.")
        if condition.serves {
            condition = .doubtful
            advice = "Make it read this one with 'sarai reload', or name its own with --config."
        }
    }
}
