import Foundation
import SaraiCore
import SaraiMemory
import Subprocess
import SystemPackage

extension ModelWorker {
    /// How a worker is ended: asked, then killed. (While it loads, llama-server dies of the first signal.)
    static var teardown: [TeardownStep] {
        [.gracefulShutDown(allowedDurationToNextStep: .seconds(3))]
    }

    /// The command that starts the worker.
    func commandLine() -> Subprocess.Configuration {
        let wrapped = Self.wrapped(command.arguments, limits)
        var options = PlatformOptions()
        // A group of its own: Ctrl-C in the daemon's terminal is for the daemon, which then ends its workers.
        options.processGroupID = 0
        // What happens when the task that runs the worker is cancelled.
        options.teardownSequence = Self.teardown
        let environment = Self.environment(of: command, inheriting: ProcessInfo.processInfo.environment)
        return Subprocess.Configuration(
            executable: wrapped.executable, arguments: Arguments(wrapped.arguments), environment: .custom(environment),
            platformOptions: options)
    }

    /// Confines a program that runs models.
    ///
    /// On Linux small programs of every distribution go before it, each of which becomes the next (the process id stays
    /// the same): `unshare` takes the network away; `setpriv` has the kernel kill the process when the daemon dies,
    /// however it dies, and takes away the way to more privileges; `nice` lets the daemon run first when all cores are
    /// busy; `prlimit` limits private data.
    ///
    /// - Parameters:
    ///   - command: path of the program, and its arguments.
    ///   - limits: what it is held to. That on memory is without effect where the daemon itself may have no more.
    /// - Returns: what to start instead.
    static func wrapped(
        _ command: [String], _ limits: WorkerLimits
    ) -> (executable: Subprocess.Executable, arguments: [String]) {
        #if os(Linux)
            // `unshare` first: the kernel forgets whose death a process wants to share when that gets new credentials.
            var wrapped = limits.network.command + ["setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--"]
            wrapped += ["nice", "-n", "5"]
            // A limit above the daemon's own may not be set, and holds anyway.
            if let data = limits.data, UInt64(data.bytes) < WorkerLimits.ownData {
                wrapped += ["prlimit", "--data=\(data.bytes):\(data.bytes)", "--"]
            }
            return (.name(wrapped[0]), Array(wrapped.dropFirst()) + command)
        #else
            return (.path(FilePath(command[0])), Array(command.dropFirst()))
        #endif
    }

    /// The worker's environment: what its command asks for and what any program needs, and nothing that would change
    /// settings behind the plan's back (`LLAMA_ARG_…`).
    static func environment(
        of command: WorkerCommand, inheriting environment: [String: String]
    ) -> [Environment.Key: String] {
        var result: [Environment.Key: String] = [
            // Buffers for pictures and sounds go back to the system when they are not needed any more. Measured: after five
            // of them in turn a worker keeps 140 MiB instead of 227.
            "MALLOC_MMAP_THRESHOLD_": "131072"
        ]
        for (name, value) in command.environment {
            result[Environment.Key(stringLiteral: name)] = value
        }
        // How waiting threads wait is the engine's default, spinning: fastest for a worker that has its cores to itself, and
        // the core ledger sees to that. Where other programs keep the cores busy, whoever starts the daemon may choose.
        for name in ["PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH", "GOMP_SPINCOUNT", "OMP_WAIT_POLICY"] {
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

    /// Notes the process id for the next daemon, and makes the kernel prefer the worker to the daemon when memory runs out.
    /// None of this is worth failing for.
    func note(_ pid: Int32) async {
        try? Data("\(pid)\n".utf8).write(to: URL(filePath: files.pid))
        // Whoever is not root may only raise it.
        let score = max(limits.outOfMemoryScore, WorkerLimits.ownOutOfMemoryScore)
        // For the moments in which it enters its user namespace the file belongs to root.
        for _ in 0..<20 {
            do {
                try Data("\(score)\n".utf8).write(to: URL(filePath: "/proc/\(pid)/oom_score_adj"))
                return
            } catch {
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    /// Says how the process ended, and whether memory was the reason.
    ///
    /// - Parameters:
    ///   - status: what the process left.
    ///   - kills: the kernel's counts from before the start.
    /// - Returns: the end, with the reason as far as it can be known.
    func exit(_ status: TerminationStatus, kills: MemoryKills) -> WorkerExit {
        switch status {
        case .exited(0): return WorkerExit(.exited(0))
        // A killed worker had no time for last words.
        case .signaled(SIGKILL):
            return WorkerExit(.signalled(Int(SIGKILL)), memory: kills.evidence(group: limits.group))
        case .exited(let code): return exit(.exited(Int(code)))
        case .signaled(let signal): return exit(.signalled(Int(signal)))
        }
    }

    private func exit(_ status: WorkerExit.Status) -> WorkerExit {
        let log = WorkerLog(path: files.log)
        // The C++ library aborts where memory is short, and so does the engine; a crash has other reasons.
        let isDeliberate = status != .signalled(Int(SIGSEGV))
        return WorkerExit(
            status, lastWords: log?.lastWords,
            memory: isDeliberate && log?.tellsOfMemory == true ? .allocationFailed : .none)
    }
}
