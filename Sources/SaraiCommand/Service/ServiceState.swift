import Foundation
import Sarai

/// How the service is, as systemd sees it.
struct ServiceState: CommandResult {
    /// For programs. What does not apply, or is not known, is left out.
    struct JSON: Encodable {
        /// Whether there is a unit at all.
        let installed: Bool
        /// The unit's file: this user's, or that of a package.
        let path: String?
        /// Whether it starts with the user's manager.
        let enabled: Bool
        /// `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`.
        let state: String
        /// What the daemon says of itself.
        let status: String?
        /// Why it ended, if it did not end well: `watchdog`, `exit-code`, `oom-kill` …
        let result: String?
        let pid: Int?
        let since: String?
        /// How often systemd has started it again by itself.
        let restarts: Int?
        /// Of the daemon and its workers, as the kernel counts it.
        let memoryBytes: Int?
        /// Whether it goes on when the user logs out.
        let linger: Bool?
    }

    let json: JSON

    /// Asks systemd.
    static func read() -> ServiceState {
        let names = [
            "LoadState", "ActiveState", "UnitFileState", "FragmentPath", "StatusText", "Result", "MainPID", "NRestarts",
            "ActiveEnterTimestamp", "MemoryCurrent",
        ]
        return ServiceState(
            UserManager.properties(of: SystemdUnit.name, names), isLingering: UserManager.isLingering)
    }

    /// Reads what systemd said.
    private init(_ properties: [String: String], isLingering: Bool?) {
        let result = properties["Result"]
        json = JSON(
            installed: properties["LoadState"] == "loaded", path: properties["FragmentPath"],
            enabled: properties["UnitFileState"] == "enabled", state: properties["ActiveState"] ?? "unknown",
            status: properties["StatusText"], result: result == "success" ? nil : result,
            pid: properties["MainPID"].flatMap(Int.init).flatMap { $0 == 0 ? nil : $0 },
            since: properties["ActiveEnterTimestamp"], restarts: properties["NRestarts"].flatMap(Int.init),
            // Where it is not counted, systemd tells the largest number that there is.
            memoryBytes: properties["MemoryCurrent"].flatMap(Int.init), linger: isLingering)
    }

    /// Whether it runs.
    var isActive: Bool {
        json.state == "active" || json.state == "reloading"
    }

    var quietLines: [String] { [json.state] }

    func text(_ style: TextStyle) -> String {
        guard json.installed else {
            return "\(SystemdUnit.name): not installed; 'sarai service install' does that\n"
        }
        var table = TextTable([.text(""), .text("")])
        let tone: TextStyle.Tone = isActive ? .good : json.state == "failed" ? .bad : .caution
        let since = json.since.map { " since \($0)" } ?? ""
        table.add([.init("State", .faint), .init(json.state + (json.result.map { " (\($0))" } ?? "") + since, tone)])
        if let status = json.status {
            table.add([.init("Status", .faint), .init(status)])
        }
        if let pid = json.pid {
            let restarts = json.restarts.map { $0 == 0 ? "" : ", started again \($0) times" } ?? ""
            table.add([.init("Process", .faint), .init("\(pid)\(restarts)")])
        }
        table.add([.init("Unit", .faint), .init(json.path)])
        let atLogin = "starts with your first session and ends with your last"
        let start =
            !json.enabled
            ? "does not start by itself ('systemctl --user enable sarai' changes that)"
            : json.linger == true ? "starts when the machine does" : atLogin
        table.add([.init("Start", .faint), .init(start)])
        return table.text(style) + (isActive ? "" : "'journalctl --user -u sarai' shows its log.\n")
    }
}
