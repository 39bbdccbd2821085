import Foundation
import Hummingbird
import Logging
import SaraiCore
import Synchronization
import Testing

@testable import SaraiConfiguration
@testable import SaraiSearch

@Suite struct WebSearchTests {
    @Test func nothingIsSentUnlessAServerIsConfigured() async throws {
        let requests = Counter()
        try await SearchHarness.run { _ in
            requests.increment()
            return try SearchHarness.page([])
        } _: { search, configuration in
            var off = configuration
            off.url = nil
            let error = await #expect(throws: PoolError.self) {
                try await search.search("x", language: .english, off)
            }
            #expect(error?.code == .unsupported && error?.message.contains("'search.url'") == true)
            let empty = await #expect(throws: PoolError.self) {
                try await search.search(" \n", language: .english, configuration)
            }
            #expect(empty?.code == .invalidRequest)
        }
        #expect(requests.value == 0)
    }

    @Test func whatIsKnownIsNotAskedAgain() async throws {
        let requests = Counter()
        let clock = HandClock()
        try await withTemporaryFile { path in
            try await SearchHarness.run(cachePath: path, clock: clock) { _ in
                try SearchHarness.page((1...9).map { SearchHarness.result($0, title: "\(requests.increment())") })
            } _: { search, configuration in
                let first = try await search.search("Who won?", language: .english, configuration)
                let second = try await search.search(" who  WON?", language: .english, configuration)
                #expect(!first.isFromCache && second.isFromCache && first.results == second.results)
                #expect(first.results.count == 5 && second.query == "who WON?" && second.text == first.text)
                var configuration = configuration
                configuration.results = 7
                #expect(try await search.search("who won?", language: .english, configuration).results.count == 7)
                let other = try await search.search("who won?", language: .spanish, configuration)
                #expect(!other.isFromCache)
                clock.advance(seconds: 3601)
                let later = try await search.search("Who won?", language: .english, configuration)
                #expect(!later.isFromCache && later.results.first?.title != first.results.first?.title)
            }
        }
        #expect(requests.value == 3 * 9)
    }

    @Test func withoutACacheEverySearchIsSent() async throws {
        try await withTemporaryFile { path in
            for cachePath in [nil, path] {
                let requests = Counter()
                try await SearchHarness.run(cachePath: cachePath) { _ in
                    requests.increment()
                    return try SearchHarness.page([SearchHarness.result()])
                } _: { search, configuration in
                    var configuration = configuration
                    configuration.cacheTime = .zero
                    for _ in 0..<3 {
                        let found = try await search.search("x", language: .english, configuration)
                        #expect(!found.isFromCache)
                    }
                }
                #expect(requests.value == 3)
            }
        }
    }

    @Test func whatWasKeptIsForgottenByWhoWantsNothingKept() async throws {
        let requests = Counter()
        try await withTemporaryFile { path in
            try await SearchHarness.run(cachePath: path) { _ in
                requests.increment()
                return try SearchHarness.page([SearchHarness.result()])
            } _: { search, configuration in
                _ = try await search.search("x", language: .english, configuration)
                #expect(try await search.search("x", language: .english, configuration).isFromCache)
                var forgetful = configuration
                forgetful.cacheTime = .zero
                _ = try await search.search("y", language: .english, forgetful)
                #expect(try await !search.search("x", language: .english, configuration).isFromCache)
            }
        }
        #expect(requests.value == 3)
    }

    @Test func failuresAndEmptyAnswersAreNotKept() async throws {
        let requests = Counter()
        try await withTemporaryFile { path in
            try await SearchHarness.run(cachePath: path) { _ in
                switch requests.increment() {
                case 1: Response(status: .internalServerError)
                case 2: try SearchHarness.page([])
                default: try SearchHarness.page([SearchHarness.result()])
                }
            } _: { search, configuration in
                await #expect(throws: PoolError.self) {
                    try await search.search("x", language: .english, configuration)
                }
                let empty = try await search.search("x", language: .english, configuration)
                #expect(empty.results.isEmpty && empty.text.isEmpty && !empty.isFromCache)
                #expect(try await search.search("x", language: .english, configuration).results.count == 1)
                #expect(try await search.search("x", language: .english, configuration).isFromCache)
            }
        }
        #expect(requests.value == 3)
    }

    @Test func aBrokenCacheIsNoReasonToFail() async throws {
        let book = LogBook()
        let found = try await withTemporaryFile { path in
            // A file where the cache's folder should be.
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            try Data().write(to: folder)
            return try await SearchHarness.run(cachePath: path, book: book) { _ in
                try SearchHarness.page([SearchHarness.result()])
            } _: { search, configuration in
                try await search.search("x", language: .english, configuration)
            }
        }
        #expect(found.results.count == 1 && !book.lines { $0 == .warning }.isEmpty)
    }

    @Test func oneRequestServesAllWhoAskTheSame() async throws {
        let requests = Counter()
        let gate = Mutex(false)
        try await SearchHarness.run { _ in
            requests.increment()
            try await waitUntil { gate.withLock(\.self) }
            return try SearchHarness.page([SearchHarness.result()])
        } _: { search, configuration in
            try await withThrowingTaskGroup(of: FoundResults.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await search.search(number == 0 ? "y" : "X", language: .english, configuration)
                    }
                }
                try await waitUntil { requests.value == 2 && search.flights.waiting == 20 }
                gate.withLock { $0 = true }
                for try await found in group {
                    #expect(found.results.count == 1)
                }
            }
        }
        #expect(requests.value == 2)
    }

    @Test func whoLeavesGetsNoAnswer() async throws {
        let requests = Counter()
        try await SearchHarness.run { _ in
            requests.increment()
            try await Task.sleep(for: .seconds(60))
            return try SearchHarness.page([])
        } _: { search, configuration in
            let task = Task { try await search.search("x", language: .english, configuration) }
            try await waitUntil { requests.value == 1 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func queriesAreInTheLogOnlyForDebugging() async throws {
        let book = LogBook()
        try await withTemporaryFile { path in
            try await SearchHarness.run(cachePath: path, book: book) { request in
                if request.uri.query?.contains("fails") == true {
                    return Response(status: .internalServerError)
                }
                return try SearchHarness.page([SearchHarness.result()])
            } _: { search, configuration in
                _ = try await search.search("my secret", language: .english, configuration)
                _ = try await search.search("my secret", language: .english, configuration)
                let error = await #expect(throws: PoolError.self) {
                    try await search.search("secret that fails", language: .english, configuration)
                }
                #expect(error?.message.contains("secret") == false)
            }
        }
        #expect(book.lines { $0 == .debug }.filter { $0.contains("my secret") }.count == 2)
        #expect(!book.lines { $0 > .debug }.contains { $0.contains("secret") })
    }
}
