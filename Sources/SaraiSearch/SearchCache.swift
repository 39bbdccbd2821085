import Foundation
import GRDB
import Logging
import SaraiConfiguration
import SaraiCore

/// Results of earlier searches, in a file.
///
/// It makes searching faster and is never a reason for it to fail: whatever is wrong with the file, the server is
/// asked.
actor SearchCache {
    private let file: SearchCacheFile
    private let logger: Logger
    private let now: @Sendable () -> Date
    private var queue: DatabaseQueue?

    /// A cache; the file is opened when it is first needed.
    init(path: String, logger: Logger, now: @escaping @Sendable () -> Date) {
        file = SearchCacheFile(path: path)
        self.logger = logger
        self.now = now
    }

    /// What an earlier search found.
    ///
    /// - Parameters:
    ///   - key: the search.
    ///   - maximumAge: older results are not used.
    /// - Returns: `nil` if there is nothing.
    /// - Throws: `CancellationError`.
    func results(for key: SearchKey, maximumAge: Duration) async throws -> [SearchResult]? {
        let time = now().timeIntervalSince1970
        let json = try await access { db in
            try SearchCacheRows(db).results(for: key, since: time - maximumAge.seconds, now: time)
        }
        return (json ?? nil).flatMap { try? JSONDecoder().decode([SearchResult].self, from: $0) }
    }

    /// Keeps what a search found, and forgets what is too old or too much.
    ///
    /// - Parameters:
    ///   - results: what was found.
    ///   - key: the search.
    ///   - configuration: how long results are kept, and how many bytes of them.
    /// - Throws: `CancellationError`.
    func store(_ results: [SearchResult], for key: SearchKey, _ configuration: SearchConfiguration) async throws {
        let time = now().timeIntervalSince1970
        let json = try JSONEncoder().encode(results)
        _ = try await access { db in
            let rows = SearchCacheRows(db)
            try rows.store(json, for: key, now: time)
            try rows.forget(before: time - configuration.cacheTime.seconds, after: time)
            try rows.shrink(to: configuration.cacheSize)
        }
    }

    /// Forgets everything: whoever wants nothing kept does not want what was kept before either.
    ///
    /// - Throws: `CancellationError`.
    func forgetAll() async throws {
        guard FileManager.default.fileExists(atPath: file.path) else {
            return
        }
        _ = try await access { db in try SearchCacheRows(db).shrink(to: .zero) }
    }

    /// Does something with the file; `nil` if it cannot be used.
    private func access<Result: Sendable>(_ body: @Sendable (Database) throws -> Result) async throws -> Result? {
        guard let queue = openedQueue() else {
            return nil
        }
        do {
            return try await queue.write(body)
        } catch let error as CancellationError {
            throw error
        } catch {
            report(error)
            // Meanwhile another access may have replaced it.
            if SearchCacheFile.isDamage(error), self.queue === queue {
                self.queue = nil
                try? queue.close()
                file.remove()
            }
            return nil
        }
    }

    private func openedQueue() -> DatabaseQueue? {
        if let queue {
            return queue
        }
        do {
            queue = try file.connect()
        } catch  where SearchCacheFile.isDamage(error) {
            report(error)
            file.remove()
            do {
                queue = try file.connect()
            } catch {
                report(error)
            }
        } catch {
            report(error)
        }
        return queue
    }

    private func report(_ error: any Error) {
        let isDamage = SearchCacheFile.isDamage(error)
        logger.warning(
            isDamage ? "search cache damaged: it is replaced" : "search cache cannot be used",
            metadata: ["file": "\(file.path)", "reason": "\(error)"])
    }
}
