#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
import Synchronization

/// Holds one worker still and lets it go on, from any thread and at any time in its life.
///
/// A process id means something only until its process is reaped, which the subprocess library does after the closure
/// that supervises the process has returned. So the id is known here from the beginning of that closure to its end, and
/// each signal is sent while the lock says so: no other process can ever be hit.
package final class WorkerControl: Sendable {
    private enum State {
        /// Not started yet; whether it shall begin held still.
        case waiting(isPaused: Bool)
        case running(pid: Int32, isPaused: Bool)
        /// Being ended, or gone: it is never held still again.
        case ending
    }

    private let state = Mutex(State.waiting(isPaused: false))

    /// A handle for a worker that is about to be run.
    package init() {}

    /// Whether the worker is held still, or will be as soon as it starts: it answers nothing, not even health checks.
    package var isPaused: Bool {
        state.withLock { state in
            switch state {
            case .waiting(let isPaused), .running(_, let isPaused): isPaused
            case .ending: false
            }
        }
    }

    /// Holds the worker still (SIGSTOP). Its memory stays as it is, its sockets stay open. Pausing twice is pausing
    /// once.
    package func pause() {
        set(isPaused: true)
    }

    /// Lets the worker go on (SIGCONT).
    package func resume() {
        set(isPaused: false)
    }

    private func set(isPaused: Bool) {
        state.withLock { state in
            switch state {
            case .waiting: state = .waiting(isPaused: isPaused)
            case .running(let pid, let wasPaused) where wasPaused != isPaused:
                kill(pid, isPaused ? SIGSTOP : SIGCONT)
                state = .running(pid: pid, isPaused: isPaused)
            case .running, .ending: break
            }
        }
    }

    /// The process exists, and is not reaped before ``end()`` was called.
    func begin(pid: Int32) {
        state.withLock { state in
            guard case .waiting(let isPaused) = state else {
                return
            }
            if isPaused {
                kill(pid, SIGSTOP)
            }
            state = .running(pid: pid, isPaused: isPaused)
        }
    }

    /// Lets the worker go on for good: it is asked to end, and a process that is held still hears nothing of that.
    func end() {
        state.withLock { state in
            if case .running(let pid, isPaused: true) = state {
                kill(pid, SIGCONT)
            }
            state = .ending
        }
    }
}
