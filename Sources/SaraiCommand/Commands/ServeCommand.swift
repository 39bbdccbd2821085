public import ArgumentParser
import Foundation
import Logging
import NIOCore
import Sarai
public import SaraiConfiguration

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

    @Option(help: ArgumentHelp("The least important lines of the log (default: info).", valueName: "level"))
    var logLevel: LogConfiguration.Level?

    @Option(help: ArgumentHelp("The form of the log: for people or for programs (default: text).", valueName: "form"))
    var logFormat: LogConfiguration.Format?

    func run() async throws {
        // Sockets and logs are for the user alone.
        umask(0o077)
        let flags = [
            "server.listen": listen, "log.level": logLevel?.rawValue, "log.format": logFormat?.rawValue,
        ].compactMapValues(\.self)
        let loaded = try source.load(flags: flags)
        loaded.configuration.log.bootstrap()
        let logger = Logger(label: "sarai")
        let notice = StartUpNotice(loaded)
        notice.tell(logger)
        do {
            try await Daemon.run(loaded, flags: flags, paths: .current, logger: logger) { address in
                notice.tellListening(on: DaemonAddress(address, tls: loaded.configuration.server.tls), logger)
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

extension LogConfiguration.Level: ExpressibleByArgument {}
extension LogConfiguration.Format: ExpressibleByArgument {}
