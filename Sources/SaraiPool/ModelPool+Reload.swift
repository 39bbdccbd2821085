import Logging
import SaraiConfiguration
import SaraiCore

extension ModelPool {
    /// Puts another configuration into effect. Running answers go on; only what has changed starts again.
    ///
    /// To be called by one at a time: ``Reloader`` sees to that.
    ///
    /// - Parameter wanted: what shall be. What a running daemon cannot take over stays as it is.
    /// - Returns: what differs between what was in effect and what is wanted.
    func reload(_ wanted: Configuration) -> ConfigurationDifference {
        let before = configuration
        let difference = ConfigurationDifference(from: before, to: wanted)
        guard !difference.isEmpty else {
            return difference
        }
        var planner = planner
        planner.configuration = wanted.untilRestart(of: before)
        // Reads headers, so it is done before anything is locked.
        let plans = planner.plan().targetPlans(of: planner.configuration)
        metrics.prepare(planner.configuration)
        replaceConfiguration(with: planner) {
            $0.reload(planner.configuration, difference, plans: plans, now: .now)
        }
        headers.keep(only: planner.configuration.files)
        return difference
    }
}

extension Configuration {
    /// This configuration, with the values of `running` that a daemon takes over only when it is started again.
    func untilRestart(of running: Configuration) -> Configuration {
        var configuration = self
        configuration.server = running.server
        configuration.server.maxQueue = server.maxQueue
        configuration.server.requests = server.requests
        configuration.timeouts.connect = running.timeouts.connect
        configuration.timeouts.drain = running.timeouts.drain
        configuration.engine = running.engine
        configuration.log = running.log
        return configuration
    }

    /// The files that its local targets are made of.
    fileprivate var files: Set<String> {
        var files: Set<String> = []
        for case .local(let target) in models.flatMap(\.targets) {
            files.formUnion(target.files)
        }
        return files
    }
}

extension ConfigurationDifference {
    /// What differs, in a line.
    package var summary: String {
        let changed = changed.map { model in
            "\(model.model) (\(model.keys.joined(separator: ", "))\(model.restartsWorker ? ", starts again" : ""))"
        }
        let parts: [(String, [String])] = [
            ("added", added.map(\.rawValue)), ("removed", removed.map(\.rawValue)), ("changed", changed),
            ("reordered", isReordered ? ["models"] : []),
            ("set", settings.filter { !needsRestart.contains($0) }), ("needs a restart", needsRestart),
        ]
        let lines = parts.filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1.joined(separator: ", "))" }
        return lines.isEmpty ? "nothing" : lines.joined(separator: "; ")
    }
}
