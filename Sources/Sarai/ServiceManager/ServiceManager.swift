import Logging
import SaraiCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// The service manager that started this process, if it wants to hear of it: systemd, or what does as it does.
struct ServiceManager: Sendable {
    private let socket: NotifySocket
    /// Within which it must hear that the service works, or it starts the service anew; `nil` if it does not care.
    let watchdog: Duration?
    private let logger: Logger

    /// The manager that a process's environment names; `nil` if nobody wants to hear anything.
    ///
    /// - Parameters:
    ///   - environment: the process's environment.
    ///   - pid: the process's id.
    ///   - logger: for what cannot be told.
    init?(environment: [String: String], pid: Int32, logger: Logger) {
        guard let name = environment["NOTIFY_SOCKET"], !name.isEmpty else {
            return nil
        }
        guard let socket = NotifySocket(name) else {
            logger.warning("the service manager cannot be told anything", metadata: ["NOTIFY_SOCKET": "\(name)"])
            return nil
        }
        self.socket = socket
        self.logger = logger
        watchdog = Self.watchdog(environment, pid: pid)
    }

    /// Tells it something, in one message.
    func tell(_ notices: [ServiceNotice]) {
        guard !notices.isEmpty else {
            return
        }
        do throws(NotifySocket.Undelivered) {
            try socket.send(notices.map(\.text).joined(separator: "\n"))
        } catch {
            logger.warning("the service manager was not reached", metadata: ["reason": "\(error)"])
        }
    }

    /// The time now, as a service manager counts it.
    static var monotonicTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }

    /// A watchdog that is meant for another process, which has passed its environment on, is none. Source:
    /// sd_watchdog_enabled(3).
    private static func watchdog(_ environment: [String: String], pid: Int32) -> Duration? {
        guard let text = environment["WATCHDOG_USEC"], let microseconds = Int64(text), microseconds > 0 else {
            return nil
        }
        if let owner = environment["WATCHDOG_PID"], owner != "\(pid)" {
            return nil
        }
        return .microseconds(microseconds)
    }
}
