public import ArgumentParser
import Foundation
public import Logging
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
        abstract: "Run the daemon in the foreground. SIGTERM or Ctrl-C ends it.")

    @Option(help: "The configuration file.")
    var config: String?

    @Option(help: "Where to listen: HOST:PORT or unix:PATH (default 127.0.0.1:11435).")
    var listen: String?

    @Option(help: "What to log: trace, debug, info, notice, warning, error.")
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
        let logger = Logger(label: "sarai")
        let flags = listen.map { ["server.listen": $0] } ?? [:]
        let loaded = try PoolScope.load(path: config, flags: flags)
        for warning in loaded.warnings {
            logger.warning("configuration", metadata: ["warning": "\(warning)"])
        }
        let address = loaded.configuration.server.listen
        try await Daemon.run(loaded, paths: .current, logger: logger) {
            logger.info("listening", metadata: ["address": "\(address)"])
        }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
