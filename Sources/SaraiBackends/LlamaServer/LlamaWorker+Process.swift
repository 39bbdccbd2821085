import Foundation
import Subprocess
import SystemPackage

extension LlamaWorker {
    /// How a worker is ended: asked, then killed. (While it loads, llama-server dies of the first signal.)
    static var teardown: [TeardownStep] {
        [.gracefulShutDown(allowedDurationToNextStep: .seconds(3))]
    }

    /// The command that starts the worker.
    ///
    /// On Linux two small programs of every distribution go before it, each of which becomes the next (the process id
    /// stays the same): `setpriv` has the kernel kill the worker when the daemon dies, however it dies, and takes away
    /// the way to more privileges; `nice` lets the daemon run first when all cores are busy.
    func commandLine() -> Subprocess.Configuration {
        let engineArguments = settings.arguments(socket: files.socket)
        var options = PlatformOptions()
        // A group of its own: Ctrl-C in the daemon's terminal is for the daemon, which then ends its workers.
        options.processGroupID = 0
        // What happens when the task that runs the worker is cancelled.
        options.teardownSequence = Self.teardown
        let environment = Environment.custom(Self.environment(inheriting: ProcessInfo.processInfo.environment))
        #if os(Linux)
            let wrapper = ["--pdeathsig", "KILL", "--no-new-privs", "--", "nice", "-n", "5", engine]
            return Subprocess.Configuration(
                executable: .name("setpriv"), arguments: Arguments(wrapper + engineArguments), environment: environment,
                platformOptions: options)
        #else
            return Subprocess.Configuration(
                executable: .path(FilePath(engine)), arguments: Arguments(engineArguments), environment: environment,
                platformOptions: options)
        #endif
    }

    /// The worker's environment: what a program needs, and nothing that would change the engine's settings behind
    /// the plan's back (`LLAMA_ARG_…`).
    static func environment(inheriting environment: [String: String]) -> [Environment.Key: String] {
        var result: [Environment.Key: String] = [
            // Idle threads spin for a moment only. Measured on 2 cores with three models at once: 0.95 of the time
            // that taking turns costs, against 2.2 to 4.1 with the engine's default, for 8 % of the lone speed.
            "GOMP_SPINCOUNT": "1000",
            // Makes llama-server report its progress, and end when its standard input closes.
            "LLAMA_SERVER_ROUTER_PORT": "1",
        ]
        for name in ["PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH"] {
            if let value = environment[name] {
                result[Environment.Key(stringLiteral: name)] = value
            }
        }
        return result
    }

    /// Opens the worker's log; the last run's becomes `….log.1`.
    func openLog() throws -> FileDescriptor {
        let previous = files.log + ".1"
        try? FileManager.default.removeItem(atPath: previous)
        try? FileManager.default.moveItem(atPath: files.log, toPath: previous)
        return try FileDescriptor.open(
            files.log, .writeOnly, options: [.create, .truncate, .append, .closeOnExec], permissions: .ownerReadWrite)
    }

    /// Notes the process id for the next daemon, and makes the kernel prefer the worker to the daemon when memory runs
    /// out. Neither is worth failing for.
    func note(_ pid: Int) {
        try? Data("\(pid)\n".utf8).write(to: URL(filePath: files.pid))
        try? Data("500\n".utf8).write(to: URL(filePath: "/proc/\(pid)/oom_score_adj"))
    }

    /// The line of the log that says best why the worker ended, at most 300 characters.
    func lastWords() -> String? {
        guard let handle = FileHandle(forReadingAtPath: files.log) else {
            return nil
        }
        defer { try? handle.close() }
        let size = (try? handle.seekToEnd()) ?? 0
        try? handle.seek(toOffset: size > 8192 ? size - 8192 : 0)
        let text = String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
        let lines = text.split(separator: "\n")
        let errors = lines.filter { $0.contains(" E ") || $0.contains("error") || $0.contains("GGML_ASSERT") }
        // A failed assertion says it best; otherwise the first error is the cause and the others follow from it.
        guard let line = errors.last(where: { $0.contains("GGML_ASSERT") }) ?? errors.first ?? lines.last else {
            return nil
        }
        return String(line.prefix(300))
    }
}
