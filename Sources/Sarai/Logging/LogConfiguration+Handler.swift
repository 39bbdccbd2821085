import Foundation
package import Logging
package import SaraiConfiguration
import SaraiCore

extension LogConfiguration {
    /// Sends what all loggers of this process write to stderr, as configured. To be called once.
    package func bootstrap() {
        LoggingSystem.bootstrap(handler, metadataProvider: .request)
    }

    private func handler(label: String, provider: Logger.MetadataProvider?) -> any LogHandler {
        switch format {
        case .text:
            var handler = StreamLogHandler.standardError(label: label, metadataProvider: provider)
            handler.logLevel = level.loggerLevel
            return handler
        case .json:
            return JSONLogHandler(label: label, level: level.loggerLevel, metadataProvider: provider) { line in
                // One call a line, so that lines of several threads do not mix. There is nobody to tell if it fails.
                try? FileHandle.standardError.write(contentsOf: line)
            }
        }
    }
}

extension LogConfiguration.Level {
    fileprivate var loggerLevel: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}

extension Logger.MetadataProvider {
    /// Tells the request that the current task works for.
    package static let request = Logger.MetadataProvider {
        RequestID.current.map { ["request_id": "\($0)"] } ?? [:]
    }
}
