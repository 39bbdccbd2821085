public import ArgumentParser
import Foundation
public import Logging
import NIOCore
import Sarai
import SaraiConfiguration

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// `sarai serve`: the daemon, in the foreground.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the daemon in the foreground. SIGTERM or Ctrl-C ends it.",
        discussion: """
            Running answers may finish first, for as long as timeouts.drain; a second signal ends it at once. SIGHUP has \
            the configuration read again, as 'sarai reload' does.
            """)

    @OptionGroup var source: ConfigurationOptions

    @Option(
        help: ArgumentHelp(
            "Where to listen: HOST:PORT or unix:PATH (default: 127.0.0.1:11435).", valueName: "address"))
    var listen: String?

    @Option(help: ArgumentHelp("What to log: trace, debug, info, notice, warning, error.", valueName: "level"))
    var logLevel: Logger.Level = .info

    func run() async throws {
        // Sockets and logs are for the user alone.
        umask(0o077)
        let level = logLevel
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let flags = listen.map { ["server.listen": $0] } ?? [:]
        let loaded = try source.load(flags: flags)
        let style = TextStyle(for: .error)
        Console.prompt(StartUpNotice(loaded).text(style))
        do {
            try await Daemon.run(loaded, flags: flags, paths: .current, logger: Logger(label: "sarai")) { address in
                Console.note(
                    "\(style("Listening", .good)) on \(DaemonAddress(address, tls: loaded.configuration.server.tls))")
            }
        } catch let error as IOError {
            let reason =
                error.errnoCode == EADDRINUSE
                ? "another program has it. End that, or choose another address with --listen."
                : "\(String(cString: strerror(error.errnoCode)).lowercased())."
            let address = DaemonAddress(loaded.configuration.server.listen)
            throw CommandFailure(.failed, "cannot listen on \(address): \(reason)")
        }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
