import Foundation
import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiPipelines

/// How every target of every model is: its state, why, since when, and what to do.
struct TargetChecks {
    /// The models.
    let models: [ModelConfiguration]
    /// What is planned for their files.
    let plan: ConfigurationPlan
    /// What a look at their servers has shown.
    let surveys: [ServerSurvey.Server: Result<ServerSurvey, BackendError>]
    /// The daemon that runs, if one does.
    let daemon: DaemonView?
    /// Where workers' logs are.
    let logs: WorkerLogs

    /// The checks, model by model, a target each in order of preference.
    func checks() -> [Check] {
        models.flatMap { model in
            let findings = model.targets.compactMap { finding($0, of: model) }
            return findings.map { finding in
                finding.check(standIn: findings.first { $0.condition.serves }?.place)
            }
        }
    }

    private func finding(_ target: TargetConfiguration, of model: ModelConfiguration) -> TargetFinding? {
        switch target {
        case .remote(let remote):
            surveys[ServerSurvey.Server(remote)].map { TargetFinding(remote, survey: $0, daemon: daemon) }
        case .local(let local):
            TargetFinding(
                local, entry: plan.entries.first { $0.target.id == local.id }, daemon: daemon,
                log: logs.path(of: model.name))
        }
    }
}

/// Finds the logs that daemons of this user have written.
struct WorkerLogs {
    /// The folder that has one for each daemon.
    let folder: String
    /// The daemon's own folder in it, where it is known.
    let instance: String?

    /// The logs of the daemon at an address.
    init(_ paths: SaraiPaths, daemon: DaemonAddress) {
        folder = paths.state + "/logs"
        // A daemon on a unix socket is one of those below; its folder's name cannot be told from outside.
        if case .url(let url) = daemon.endpoint, let port = URLComponents(string: url)?.port {
            instance = "tcp-\(port)"
        } else {
            instance = nil
        }
    }

    /// The path of a worker's log, the newest if several have been written; `nil` if none has.
    func path(of model: ModelName) -> String? {
        let manager = FileManager.default
        let folders = (instance.map { [$0] } ?? entries(of: folder)).map { "\(folder)/\($0)" }
        // The number before the name is the daemon's own.
        let name = WorkerFiles(model: model, index: 0, runtime: "", logs: "").log.drop { $0 == "/" || $0.isNumber }
        let paths = folders.flatMap { folder in
            entries(of: folder).filter { $0.drop(while: \.isNumber) == name }.map { "\(folder)/\($0)" }
        }
        func time(_ path: String) -> Date? {
            try? manager.attributesOfItem(atPath: path)[.modificationDate] as? Date
        }
        return paths.compactMap { path in time(path).map { (path, $0) } }.max { $0.1 < $1.1 }?.0
    }

    private func entries(of folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }
}
