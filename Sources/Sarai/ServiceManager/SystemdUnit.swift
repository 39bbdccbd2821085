/// The systemd user unit that runs the daemon for good.
///
/// A value with the text of the unit; nothing here touches the system. Source: systemd.unit(5), systemd.service(5),
/// systemd.exec(5).
package struct SystemdUnit: Sendable {
    /// The unit's name.
    package static let name = "sarai.service"

    /// Absolute path of the program.
    package var program: String
    /// Absolute path of the configuration; `nil` leaves it to the daemon to look in the usual places.
    package var configuration: String?
    /// Variables for the daemon, in the order in which they are written.
    package var environment: [(name: String, value: String)]

    /// A unit.
    package init(program: String, configuration: String?, environment: [(name: String, value: String)] = []) {
        self.program = program
        self.configuration = configuration
        self.environment = environment
    }

    /// The first line of every such file: files without it are somebody else's.
    package static let mark = "# Written by Sarai. 'sarai service install' writes it anew: put changes into a drop-in"

    /// The text of the file.
    package var text: String {
        """
        \(Self.mark)
        # ('systemctl --user edit sarai').

        [Unit]
        Description=Sarai: several language models in one memory budget
        Documentation=man:sarai(1)
        StartLimitIntervalSec=300
        StartLimitBurst=5

        [Service]
        Type=notify
        NotifyAccess=main
        \(environmentLines)ExecStart=\(command)
        ExecReload=/bin/sh -c 'kill -HUP $MAINPID'
        # The daemon tells that it works only after it has answered a request of its own.
        WatchdogSec=60
        Restart=on-failure
        RestartSec=2
        # Wrong usage, or a wrong configuration: starting again would not help.
        RestartPreventExitStatus=64 78
        # Only the daemon is asked to end: running answers may finish, then it ends its workers. It says how long that takes.
        KillMode=mixed
        TimeoutStopSec=60
        # Each worker gets a cgroup with a limit; one that is killed for want of memory does not take the daemon along.
        Delegate=yes
        OOMPolicy=continue
        # What works for a user's unit everywhere. No MemoryDenyWriteExecute: Whisper's library compiles as it runs.
        UMask=0077
        NoNewPrivileges=yes
        LockPersonality=yes
        # With these two the daemon takes the network away from its workers.
        RestrictNamespaces=user net
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
        SystemCallArchitectures=native

        [Install]
        WantedBy=default.target

        """
    }

    /// Whether systemd would run a program with this path: it takes none with quotes, backslashes or control characters.
    package static func canRun(_ program: String) -> Bool {
        !program.unicodeScalars.contains { $0.value < 32 || $0.value == 127 || "\"'\\".unicodeScalars.contains($0) }
    }

    private var command: String {
        let arguments = ["serve"] + (configuration.map { ["--config", $0] } ?? [])
        // In an argument a dollar sign draws in a variable, unless it is doubled; in the program's path it does not.
        let words = arguments.map { Self.quoted($0).replacing("$", with: "$$") }
        return ([Self.quoted(program)] + words).joined(separator: " ")
    }

    private var environmentLines: String {
        environment.map { "Environment=\(Self.quoted("\($0.name)=\($0.value)"))\n" }.joined()
    }

    /// A word as a unit file writes it: no character in it means anything to systemd.
    private static func quoted(_ word: String) -> String {
        // A percent sign begins a specifier, unless it is doubled.
        let text = word.replacing("%", with: "%%")
        guard text.contains(where: { $0.isWhitespace || "\"'\\;".contains($0) }) else {
            return text
        }
        let escapes: [Character: String] = ["\\": "\\\\", "\"": "\\\"", "\n": "\\n", "\t": "\\t"]
        return "\"" + text.map { escapes[$0] ?? String($0) }.joined() + "\""
    }
}
