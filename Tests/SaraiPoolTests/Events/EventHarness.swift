import Foundation
import Logging
import SaraiCore
import SaraiMemory
import Synchronization

@testable import SaraiPool

/// Targets and clocks that the tests of events share.
enum Sample {
    /// A moment with whole milliseconds.
    static let time = Date(timeIntervalSince1970: 1_767_323_045.678)

    /// The target of a worker on this machine.
    static func local(_ model: String = "solar") throws -> TargetID {
        TargetID(model: try name(model), kind: .gguf)
    }

    /// The target of a server.
    static func remote(_ model: String = "solar") throws -> TargetID {
        TargetID(model: try name(model), kind: .ollama, server: "10.0.0.7:11434")
    }

    /// A model's name.
    static func name(_ text: String) throws -> ModelName {
        guard let name = ModelName(text) else {
            throw PoolError(.invalidRequest, text)
        }
        return name
    }

    /// An event of each kind.
    static func bodies() throws -> [PoolEvent.Body] {
        let twin = try local()
        let server = try remote()
        return [
            .loading(twin, progress: 0.25), .ready(twin, took: .milliseconds(1250)), .unloaded(twin, reason: "idle"),
            .evicted(twin, for: try name("e5")), .failed(twin, reason: "no such file"),
            .killed(twin, reason: "signal 9", isForMemory: false),
            .failingOver(from: server, to: twin, reason: "refused"),
            .resumed(from: server, to: twin, characters: 42), .ejected(server, reason: "refused", for: .seconds(10)),
            .halfOpen(server), .recovered(server), .overloaded(twin.model, waiting: 64), .pressure(.evict),
            .selfProbe(twin, took: .milliseconds(80)), .reloaded(changes: "solar added"), .draining,
            .step(StepReport(name: "facts", outcome: .failed, reason: "timed out", seconds: 0.25), of: "search"),
            .missed(3),
        ]
    }
}

/// Keeps the log lines that are written.
final class LogBook: Sendable {
    /// A line.
    struct Line: Equatable {
        let level: Logger.Level
        let message: String
        let metadata: [String: String]
    }

    private let book = Mutex<[Line]>([])

    /// The lines until now.
    var lines: [Line] {
        book.withLock(\.self)
    }

    /// A logger that writes here.
    func logger(level: Logger.Level = .trace) -> Logger {
        var logger = Logger(label: "test") { _ in Handler(book: self) }
        logger.logLevel = level
        return logger
    }

    private struct Handler: LogHandler {
        let book: LogBook
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = (event.metadata ?? [:]).mapValues { "\($0)" }
            let line = Line(level: event.level, message: "\(event.message)", metadata: metadata)
            book.book.withLock { $0.append(line) }
        }
    }
}

extension EventSubscription {
    /// Everything until now.
    func rest() async -> [PoolEvent] {
        finish()
        return await reduce(into: []) { $0 += $1 }
    }
}
