import Foundation
import GRDB

/// The file of the search cache.
struct SearchCacheFile: Sendable {
    let path: String

    /// A later version of Sarai has changed the file's schema.
    private struct IsNewer: Error, CustomStringConvertible {
        let description = "it was written by a newer version of Sarai"
    }

    /// Opens the file, or makes a new one that only its owner can read.
    ///
    /// - Throws: what keeps it from being used.
    func connect() throws -> DatabaseQueue {
        try prepare()
        var configuration = Configuration()
        configuration.label = "search-cache"
        configuration.journalMode = .wal
        // Another daemon's writes take milliseconds; a search is not to wait for longer ones.
        configuration.busyMode = .timeout(0.1)
        configuration.prepareDatabase { db in
            // Has an effect only in a new file: pages that are freed can be given back to the file system.
            try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            // Pages and bytes; the log is to stay small beside a small cache.
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 64; PRAGMA journal_size_limit = 262144")
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.read { db in
            if try Self.migrator.hasBeenSuperseded(db) {
                throw IsNewer()
            }
        }
        try Self.migrator.migrate(queue)
        return queue
    }

    /// Removes the file and what SQLite keeps beside it.
    func remove() {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
    }

    /// Whether an error means that the file is of no use, and not only now.
    static func isDamage(_ error: any Error) -> Bool {
        if error is IsNewer {
            return true
        }
        // SQLITE_ERROR: tables are missing, or are not ours.
        let damages: [ResultCode] = [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR]
        return (error as? DatabaseError).map { damages.contains($0.resultCode.primaryResultCode) } ?? false
    }

    /// SQLite would make the file readable for everybody; what it puts beside it gets the file's mode.
    private func prepare() throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
        } else if errno == EEXIST {
            chmod(path, 0o600)
        }
    }

    private static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.create(table: "search") { table in
                table.column("server", .text).notNull()
                table.column("language", .text).notNull()
                table.column("query", .text).notNull()
                table.column("results", .blob).notNull()
                // Seconds since 1970.
                table.column("found", .double).notNull()
                table.column("used", .double).notNull().indexed()
                table.primaryKey(["server", "language", "query"])
            }
        }
        return migrator
    }()
}
