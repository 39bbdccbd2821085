import Foundation
import GRDB
import SaraiCore

/// The statements of the search cache. Times are seconds since 1970.
struct SearchCacheRows {
    private let db: Database

    /// Works in a transaction.
    init(_ db: Database) {
        self.db = db
    }

    /// The results of a search that was made between two times; marks them as used.
    func results(for key: SearchKey, since earliest: Double, now: Double) throws -> Data? {
        let results = try Data.fetchOne(
            db, sql: "SELECT results FROM search WHERE \(Self.isKey) AND found BETWEEN ? AND ?",
            arguments: Self.arguments(key) + [earliest, now])
        if results != nil {
            try db.execute(
                sql: "UPDATE search SET used = ? WHERE \(Self.isKey)", arguments: [now] + Self.arguments(key))
        }
        return results
    }

    /// Keeps the results of a search, instead of earlier ones.
    func store(_ results: Data, for key: SearchKey, now: Double) throws {
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO search (server, language, query, results, found, used)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: Self.arguments(key) + [results, now, now])
    }

    /// Forgets searches that were made before one time or, since clocks are corrected, after another.
    func forget(before earliest: Double, after latest: Double) throws {
        try db.execute(
            sql: "DELETE FROM search WHERE found NOT BETWEEN ? AND ?", arguments: [earliest, latest])
    }

    /// Forgets the searches that were not asked for for longest, until the file can be so small, and makes it so.
    func shrink(to limit: MemorySize) throws {
        while try size() > limit {
            try db.execute(
                sql: "DELETE FROM search WHERE rowid = (SELECT rowid FROM search ORDER BY used, rowid LIMIT 1)")
            guard db.changesCount > 0 else {
                break
            }
        }
        try db.execute(sql: "PRAGMA incremental_vacuum")
    }

    /// What the file takes without its unused pages.
    private func size() throws -> MemorySize {
        let pages = "pragma_page_count, pragma_freelist_count, pragma_page_size"
        let bytes = try Int.fetchOne(db, sql: "SELECT (page_count - freelist_count) * page_size FROM \(pages)")
        return MemorySize(bytes: bytes ?? 0)
    }

    private static let isKey = "server = ? AND language = ? AND query = ?"

    private static func arguments(_ key: SearchKey) -> StatementArguments {
        [key.server, key.language.rawValue, key.query]
    }
}
