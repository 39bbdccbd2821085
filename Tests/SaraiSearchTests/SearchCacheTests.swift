import Foundation
import GRDB
import Logging
import SaraiCore
import Testing

@testable import SaraiConfiguration
@testable import SaraiSearch

@Suite struct SearchCacheTests {
    private let clock = HandClock()
    private let book = LogBook()

    private func cache(_ path: String) -> SearchCache {
        SearchCache(path: path, logger: book.logger) { [clock] in clock.now }
    }

    private func key(_ query: String = "q", _ language: Language = .english, server: String = "http://a:1") -> SearchKey
    {
        SearchKey(server: server, language: language, query: query)
    }

    private func results(_ text: String = "text", bytes: Int = 10) -> [SearchResult] {
        [SearchResult(title: text, snippet: String(repeating: "s", count: bytes), url: "https://a.example/")]
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private func size(_ path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }

    private var warnings: [String] {
        book.lines { $0 >= .warning }
    }

    @Test func remembersBySearch() async throws {
        try await withTemporaryFile { path in
            let cache = cache(path)
            #expect(try await cache.results(for: key(), maximumAge: .seconds(60)) == nil)
            try await cache.store(results("a"), for: key(), SearchConfiguration())
            try await cache.store(results("b"), for: key("q", .spanish), SearchConfiguration())
            try await cache.store(results("c"), for: key(server: "http://b:1"), SearchConfiguration())
            try await cache.store(results("d"), for: key("Q"), SearchConfiguration())
            #expect(try await cache.results(for: key(), maximumAge: .seconds(60)) == results("a"))
            #expect(try await cache.results(for: key("q", .spanish), maximumAge: .seconds(60)) == results("b"))
            #expect(try await cache.results(for: key(server: "http://b:1"), maximumAge: .seconds(60)) == results("c"))
            try await cache.store(results("new"), for: key(), SearchConfiguration())
            #expect(try await cache.results(for: key(), maximumAge: .seconds(60)) == results("new"))
            // Another process, or the next one, finds it too.
            #expect(try await self.cache(path).results(for: key(), maximumAge: .seconds(60)) == results("new"))
            #expect(warnings.isEmpty)
        }
    }

    @Test func forgetsWhatIsOld() async throws {
        try await withTemporaryFile { path in
            let cache = cache(path)
            try await cache.store(results(), for: key(), SearchConfiguration())
            clock.advance(seconds: 60)
            #expect(try await cache.results(for: key(), maximumAge: .seconds(60)) == results())
            clock.advance(seconds: 1)
            #expect(try await cache.results(for: key(), maximumAge: .seconds(60)) == nil)
            #expect(try await cache.results(for: key(), maximumAge: .seconds(120)) == results())
            clock.advance(seconds: -100)
            #expect(try await cache.results(for: key(), maximumAge: .seconds(120)) == nil)
            // The next search that is kept clears what no search could use any more.
            clock.advance(seconds: 4000)
            try await cache.store(results(), for: key("other"), SearchConfiguration())
            #expect(try await cache.results(for: key(), maximumAge: .seconds(100_000)) == nil)
        }
    }

    @Test func staysSmallByForgettingWhatIsNotAskedFor() async throws {
        try await withTemporaryFile { path in
            let cache = cache(path)
            var configuration = SearchConfiguration()
            configuration.cacheSize = MemorySize(bytes: 200_000)
            for number in 0..<100 {
                clock.advance(seconds: 1)
                try await cache.store(results(bytes: 5000), for: key("\(number)"), configuration)
                #expect(try await cache.results(for: key("0"), maximumAge: .seconds(9999)) != nil, "\(number)")
                #expect(try size(path) <= 200_000 && size(path + "-wal") <= 64 * 4120 + 262_144, "\(number)")
            }
            var known: [Int] = []
            for number in 0..<100
            where try await cache.results(for: key("\(number)"), maximumAge: .seconds(9999)) != nil {
                known.append(number)
            }
            #expect(known.first == 0 && known.last == 99 && known.count > 15 && known.count < 40)
            #expect(known.dropFirst() == ArraySlice((100 - known.count + 1)..<100))

            configuration.cacheSize = MemorySize(bytes: 60_000)
            for number in 100..<200 {
                try await cache.store(results(bytes: 5000), for: key("\(number)"), configuration)
            }
            #expect(try size(path) <= 60_000)
            configuration.cacheSize = .zero
            try await cache.store(results(), for: key("none"), configuration)
            #expect(try await cache.results(for: key("none"), maximumAge: .seconds(60)) == nil)
            #expect(warnings.isEmpty)
        }
    }

    @Test func isItsOwnersAlone() async throws {
        try await withTemporaryFile { path in
            let cache = cache(path)
            try await cache.store(results(), for: key(), SearchConfiguration())
            for suffix in ["", "-wal", "-shm"] {
                #expect(try mode(path + suffix) == 0o600, "\(suffix)")
            }
            #expect(try mode(URL(fileURLWithPath: path).deletingLastPathComponent().path) == 0o700)
        }
        try await withTemporaryFile { path in
            try Self.write(Data(), to: path)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            try await cache(path).store(results(), for: key(), SearchConfiguration())
            #expect(try mode(path) == 0o600)
        }
    }

    @Test(arguments: [
        Data(repeating: 7, count: 10_000), Data("SQLite format 3\0".utf8) + Data(repeating: 255, count: 5000),
        Data("{}".utf8),
    ])
    func whatIsNoDatabaseIsReplaced(content: Data) async throws {
        try await withTemporaryFile { path in
            try Self.write(content, to: path)
            let cache = cache(path)
            #expect(try await cache.results(for: key(), maximumAge: .seconds(60)) == nil)
            try await cache.store(results(), for: key(), SearchConfiguration())
            #expect(try await cache.results(for: key(), maximumAge: .seconds(60)) == results())
            #expect(warnings.count == 1 && warnings.first?.contains("damaged") == true, "\(warnings)")
        }
    }

    @Test func whatBreaksLaterIsReplaced() async throws {
        try await withTemporaryFile { path in
            var first: SearchCache? = cache(path)
            for number in 0..<50 {
                try await first?.store(results(bytes: 2000), for: key("\(number)"), SearchConfiguration())
            }
            first = nil
            var content = try Data(contentsOf: URL(fileURLWithPath: path))
            content.replaceSubrange(8192..<content.count, with: Data(repeating: 0xAA, count: content.count - 8192))
            try content.write(to: URL(fileURLWithPath: path))
            let cache = cache(path)
            for number in 0..<50 {
                _ = try await cache.results(for: key("\(number)"), maximumAge: .seconds(60))
                try await cache.store(results(), for: key("\(number)"), SearchConfiguration())
            }
            #expect(warnings.contains { $0.contains("damaged") })
            #expect(try await cache.results(for: key("49"), maximumAge: .seconds(60)) == results())
        }
    }

    @Test func whatANewerVersionWroteIsReplaced() async throws {
        try await withTemporaryFile { path in
            var newer: SearchCache? = cache(path)
            try await newer?.store(results(), for: key(), SearchConfiguration())
            newer = nil
            let queue = try SearchCacheFile(path: path).connect()
            try await queue.write { db in
                try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('999')")
            }
            try queue.close()
            let cache = cache(path)
            #expect(try await cache.results(for: key(), maximumAge: .seconds(60)) == nil)
            try await cache.store(results("new"), for: key(), SearchConfiguration())
            #expect(try await cache.results(for: key(), maximumAge: .seconds(60)) == results("new"))
            #expect(warnings.count == 1 && warnings.first?.contains("newer version") == true, "\(warnings)")
        }
    }

    @Test func whatCannotBeOpenedIsDoneWithout() async throws {
        try await withTemporaryFile { path in
            // A folder in the file's place, and a file in the folder's.
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let blocked = path + "-file"
            try Self.write(Data(), to: blocked)
            for path in [path, blocked + "/search.sqlite"] {
                let cache = cache(path)
                try await cache.store(results(), for: key(), SearchConfiguration())
                #expect(try await cache.results(for: key(), maximumAge: .seconds(60)) == nil)
            }
            #expect(FileManager.default.fileExists(atPath: path) && FileManager.default.fileExists(atPath: blocked))
            #expect(warnings.count == 4 && warnings.allSatisfy { $0.contains("cannot be used") }, "\(warnings)")
        }
    }

    @Test func whatIsLockedIsDoneWithout() async throws {
        try await withTemporaryFile { path in
            let cache = cache(path)
            try await cache.store(results(), for: key(), SearchConfiguration())
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            let other = try DatabaseQueue(path: path, configuration: configuration)
            try await other.writeWithoutTransaction { db in
                try db.execute(sql: "BEGIN IMMEDIATE")
            }
            #expect(try await cache.results(for: key(), maximumAge: .seconds(60)) == nil)
            try await other.writeWithoutTransaction { db in
                try db.execute(sql: "ROLLBACK")
            }
            #expect(try await cache.results(for: key(), maximumAge: .seconds(60)) == results())
            #expect(warnings.count == 1)
        }
    }

    private static func write(_ data: Data, to path: String) throws {
        let url = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
    }
}
