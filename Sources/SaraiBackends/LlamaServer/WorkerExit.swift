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

    /// How the process ended.
    package let status: Status
    /// The last lines of its log, where they say why.
    package let lastWords: String?

    /// An end.
    package init(_ status: Status, lastWords: String? = nil) {
        self.status = status
        self.lastWords = lastWords
    }
}

extension WorkerExit: CustomStringConvertible {
    package var description: String {
        let how =
            switch status {
            case .exited(let code): "exited with status \(code)"
            // Nothing else on the machine sends SIGKILL unasked, so the kernel's OOM killer is the likely author.
            case .signalled(9): "was killed (SIGKILL: by hand, or for want of memory)"
            case .signalled(6): "aborted (an assertion of the engine failed)"
            case .signalled(11): "crashed (SIGSEGV)"
            case .signalled(let signal): "was ended by signal \(signal)"
            case .notStarted(let reason): "could not be started: \(reason)"
            case .loadTimeout(let limit): "was not ready within \(Int(limit.components.seconds)) s"
            }
        return "the worker \(how)" + (lastWords.map { ": \($0)" } ?? "")
    }
}
