/// How a worker ended.
package struct WorkerExit: Hashable, Sendable {
    /// How the process ended.
    package enum Status: Hashable, Sendable {
        /// It returned this status.
        case exited(Int)
        /// This signal ended it.
        case signalled(Int)
        /// It could not be started, for this reason.
        case notStarted(String)
        /// It was not ready within the load timeout.
        case loadTimeout(Duration)
    }

    /// What is known about the part that memory had in the end.
    package enum MemoryEvidence: Hashable, Sendable {
        /// Nothing speaks for it.
        case none
        /// The kernel counted a kill for want of memory in the worker's own cgroup.
        case killedByLimit
        /// The kernel counted a kill for want of memory somewhere on the machine while the worker ran, and the worker
        /// was killed.
        case killedWithMachine
        /// The worker's log ends with an allocation that failed.
        case allocationFailed
    }

    /// How the process ended.
    package let status: Status
    /// The line of its log that says best why.
    package let lastWords: String?
    /// Whether memory was the reason, as far as can be known.
    package let memory: MemoryEvidence

    /// An end.
    package init(_ status: Status, lastWords: String? = nil, memory: MemoryEvidence = .none) {
        self.status = status
        self.lastWords = lastWords
        self.memory = memory
    }

    /// Whether the worker ended for want of memory.
    package var isForMemory: Bool { memory != .none }
}

extension WorkerExit: CustomStringConvertible {
    package var description: String {
        "the worker " + how + (lastWords.map { ": \($0)" } ?? "")
    }

    private var how: String {
        switch (status, memory) {
        case (_, .killedByLimit):
            "was killed by the kernel (SIGKILL): it wanted more memory than its limit allows"
        case (_, .killedWithMachine): "was killed by the kernel (SIGKILL): the machine ran out of memory"
        case (.exited(let code), .allocationFailed): "ran out of memory and exited with status \(code)"
        case (_, .allocationFailed): "ran out of memory and aborted"
        case (.exited(let code), _): "exited with status \(code)"
        case (.signalled(9), _): "was killed (SIGKILL: by hand or another program)"
        case (.signalled(6), _): "aborted (an assertion of the engine failed)"
        case (.signalled(11), _): "crashed (SIGSEGV)"
        case (.signalled(let signal), _): "was ended by signal \(signal)"
        case (.notStarted(let reason), _): "could not be started: \(reason)"
        case (.loadTimeout(let limit), _): "was not ready within \(Int(limit.components.seconds)) s"
        }
    }
}
