package import Foundation
package import Logging
import SaraiCore

/// Writes each line of a log as a JSON object, for programs that collect logs:
/// `{"level":"info","logger":"sarai","message":"model ready","metadata":{"model":"lfm2"},"time":"2026-01-02T03:04:05.678Z"}`.
package struct JSONLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let now: @Sendable () -> Date
    private let write: @Sendable (Data) -> Void

    private static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// A handler.
    ///
    /// - Parameters:
    ///   - label: names the logger.
    ///   - level: of the least important lines.
    ///   - metadataProvider: adds what the current task works for.
    ///   - now: the clock.
    ///   - write: takes a line with its newline, in one piece.
    package init(
        label: String, level: Logger.Level, metadataProvider: Logger.MetadataProvider?,
        now: @escaping @Sendable () -> Date = { Date() }, write: @escaping @Sendable (Data) -> Void
    ) {
        self.label = label
        logLevel = level
        self.metadataProvider = metadataProvider
        self.now = now
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        // The nearer to the line, the more it counts.
        var members = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }.merging(event.metadata ?? [:]) { $1 }
        if let error = event.error {
            members["error"] = "\(error)"
        }
        let line = Line(
            time: now().formatted(Self.timeFormat), level: event.level.rawValue, message: "\(event.message)",
            logger: label, metadata: JSONValue(.dictionary(members)))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts and lists of texts: nothing that could not be encoded.
        if var data = try? encoder.encode(line) {
            data.append(UInt8(ascii: "\n"))
            write(data)
        }
    }

    /// The members that every line has.
    private struct Line: Encodable {
        let time: String
        let level: String
        let message: String
        let logger: String
        let metadata: JSONValue
    }
}

extension JSONValue {
    /// A value of a log line's metadata.
    fileprivate init(_ value: Logger.Metadata.Value) {
        switch value {
        case .string(let text): self = .string(text)
        case .stringConvertible(let value): self = .string("\(value)")
        case .array(let values): self = .array(values.map { JSONValue($0) })
        case .dictionary(let members): self = .object(JSONObject(members.mapValues { JSONValue($0) }))
        }
    }
}
