import AsyncHTTPClient
import Foundation
import Hummingbird
import Logging
import SaraiCore
import SaraiTestSupport
import Synchronization

@testable import SaraiConfiguration
@testable import SaraiSearch

/// Searches against a server in this process.
enum SearchHarness {
    /// Runs `body` with a client of a server that answers with `answer`.
    ///
    /// - Parameters:
    ///   - cachePath: the file of the client's cache.
    ///   - clock: tells the cache the time.
    ///   - book: gets what the client logs.
    ///   - answer: answers every request.
    ///   - body: gets the client, and the configuration that names the server.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    static func run<Result: Sendable>(
        cachePath: String? = nil, clock: HandClock = HandClock(), book: LogBook = LogBook(),
        answering answer: @escaping @Sendable (Request) async throws -> Response,
        _ body: @escaping @Sendable (WebSearch, SearchConfiguration) async throws -> Result
    ) async throws -> Result {
        try await StubUpstream.run(answering: answer) { url in
            var client = HTTPClient.Configuration(redirectConfiguration: .disallow)
            client.connectionPool.retryConnectionEstablishment = false
            return try await HTTPClient.withHTTPClient(configuration: client) { client in
                let search = WebSearch(
                    client: client, cachePath: cachePath, logger: book.logger, now: { clock.now })
                var configuration = SearchConfiguration()
                configuration.url = url
                configuration.timeout = .seconds(60)
                return try await body(search, configuration)
            }
        }
    }

    /// The error of a search for `x` that the server answers with `answer`.
    static func failure(
        timeout: Duration = .seconds(60), answering answer: @escaping @Sendable (Request) async throws -> Response
    ) async throws -> PoolError? {
        try await run(answering: answer) { search, configuration in
            var configuration = configuration
            configuration.timeout = timeout
            do {
                _ = try await search.search("x", language: .english, configuration)
                return nil
            } catch let error as PoolError {
                return error
            }
        }
    }

    /// A page of results, as SearXNG answers.
    static func page(_ results: [[String: String]], silentEngines: [[String]] = []) throws -> Response {
        struct Page: Encodable {
            let query = "x"
            let results: [[String: String]]
            let unresponsive_engines: [[String]]
        }
        let json = try JSONEncoder().encode(Page(results: results, unresponsive_engines: silentEngines))
        return text(String(decoding: json, as: UTF8.self))
    }

    /// An answer with status 200.
    static func text(_ text: String) -> Response {
        Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: .init(string: text)))
    }

    /// One result.
    static func result(_ number: Int = 1, title: String? = nil, content: String? = nil) -> [String: String] {
        [
            "title": title ?? "Title \(number)", "content": content ?? "Content \(number).",
            "url": "https://site\(number).example/page",
        ]
    }
}

/// A clock that stands still until it is told otherwise.
final class HandClock: Sendable {
    private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    var now: Date { time.withLock(\.self) }

    func advance(seconds: Double) {
        time.withLock { $0 += seconds }
    }
}

/// Counts.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock(\.self) }

    @discardableResult
    func increment() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}

/// Keeps the log lines that are written.
final class LogBook: Sendable {
    private let book = Mutex<[(level: Logger.Level, text: String)]>([])

    /// The lines of some level, with their metadata.
    func lines(_ isWanted: (Logger.Level) -> Bool) -> [String] {
        book.withLock { $0.filter { isWanted($0.level) }.map(\.text) }
    }

    /// A logger that writes here.
    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(book: self) }
        logger.logLevel = .trace
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
            let text = "\(event.message) \(event.metadata ?? [:])"
            book.book.withLock { $0.append((event.level, text)) }
        }
    }
}

/// Runs `body` with the path of a file in a new folder, which is removed afterwards.
func withTemporaryFile<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sarai-\(UUID().uuidString)")
    defer {
        try? FileManager.default.removeItem(at: folder)
    }
    return try await body(folder.appendingPathComponent("search.sqlite").path)
}

/// Polls until something is so.
func waitUntil(_ isSo: () -> Bool) async throws {
    let limit = ContinuousClock.now + .seconds(60)
    while !isSo() {
        guard ContinuousClock.now < limit else {
            throw PoolError(.timedOut, "waited in vain")
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}
