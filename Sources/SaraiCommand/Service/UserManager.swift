import Foundation

/// The systemd manager of this user's services, by way of systemctl.
enum UserManager {
    /// Makes sure that it is there.
    ///
    /// - Throws: ``CommandFailure`` with what is missing and what to do.
    static func require() throws {
        guard Program.path(of: "systemctl") != nil else {
            throw CommandFailure(
                .unavailable,
                "there is no systemctl here: this system's services are not run by systemd. Have its service manager run "
                    + "'sarai serve'; 'sarai service install --dry-run' shows what systemd would be told.")
        }
        let result = systemctl(["show-environment"])
        guard result.isSuccess else {
            throw CommandFailure(
                .unavailable,
                "no systemd manager answers for user \(NSUserName()): \(result.words)\nLog in as that user (over ssh, for "
                    + "instance; 'su' and 'sudo' start none), or have one started at boot: "
                    + "'sudo loginctl enable-linger \(NSUserName())'.")
        }
    }

    /// Asks it to do something.
    ///
    /// - Throws: ``CommandFailure`` with its own words.
    static func perform(_ arguments: String...) throws {
        let result = systemctl(arguments)
        guard result.isSuccess else {
            let command = (["systemctl", "--user"] + arguments).joined(separator: " ")
            throw CommandFailure(.failed, "'\(command)' failed: \(result.words)")
        }
    }

    /// The properties of a unit, as far as it tells them.
    static func properties(of unit: String, _ names: [String]) -> [String: String] {
        let text = systemctl(["show", unit, "--property=\(names.joined(separator: ","))"]).output
        let pairs = text.split(separator: "\n").compactMap { line -> (String, String)? in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 && !parts[1].isEmpty ? (String(parts[0]), String(parts[1])) : nil
        }
        return Dictionary(pairs) { $1 }
    }

    /// Whether this user's services go on without a session; `nil` if that is not known.
    static var isLingering: Bool? {
        guard
            let result = Program.run("loginctl", ["show-user", NSUserName(), "--property=Linger"]), result.isSuccess
        else {
            return nil
        }
        return result.output.contains("Linger=yes")
    }

    private static func systemctl(_ arguments: [String]) -> Program.Result {
        Program.run("systemctl", ["--user", "--no-pager"] + arguments)
            ?? Program.Result(status: 127, output: "", errors: "systemctl cannot be started")
    }
}
