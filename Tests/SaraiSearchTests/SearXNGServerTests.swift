import Foundation
import Hummingbird
import SaraiCore
import SaraiTestSupport
import Synchronization
import Testing

@testable import SaraiConfiguration
@testable import SaraiSearch

@Suite struct SearXNGServerTests {
    @Test(arguments: [
        ("http://127.0.0.1:8888", "http://127.0.0.1:8888", "127.0.0.1:8888"),
        ("https://Search.LAN/", "https://search.lan:443", "search.lan:443"),
        ("http://lan/searx//", "http://lan:80/searx", "lan:80"),
        ("http://[::1]:8080/a/b", "http://[::1]:8080/a/b", "[::1]:8080"),
    ])
    func hasAnAddress(url: String, base: String, authority: String) throws {
        let server = try SearXNGServer(url: url)
        #expect(server.base == base && server.authority == authority)
    }

    @Test(arguments: [
        "", "lan:8888", "ftp://lan", "http://", "http://user:secret@lan", "http://lan/?q=", "http://lan/#a",
        "file:///x",
    ])
    func ofNoAddressIsRefused(url: String) {
        let error = #expect(throws: PoolError.self) { try SearXNGServer(url: url) }
        #expect(error?.code == .unsupported && error?.message.contains("search.url") == true)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func isAskedAsItsAPISays() async throws {
        let asked = Mutex<[String]>([])
        let found = try await SearchHarness.run { request in
            let headers = [request.headers[.accept], request.headers[.userAgent]].map { $0 ?? "" }
            asked.withLock { $0.append("\(request.method) \(request.uri) \(headers.joined(separator: " "))") }
            return try SearchHarness.page([SearchHarness.result()])
        } _: { search, configuration in
            var configuration = configuration
            configuration.url? += "/searx/"
            return try await search.search(" ¿1+1 & más?\n", language: .spanish, configuration)
        }
        let fields = "q=%C2%BF1%2B1%20%26%20m%C3%A1s%3F&format=json&language=es&safesearch=1"
        #expect(asked.withLock(\.self) == ["GET /searx/search?\(fields) application/json sarai"])
        #expect(found.query == "¿1+1 & más?" && found.server.hasPrefix("127.0.0.1:") && !found.isFromCache)
        #expect(
            found.results == [SearchResult(title: "Title 1", snippet: "Content 1.", url: "https://site1.example/page")])
    }

    @Test(arguments: [
        (403, "search.formats"), (429, "server.limiter"), (404, "search.url"), (301, "redirects"), (307, "redirects"),
        (400, "status 400"),
        (500, "status 500"), (502, "status 502"), (204, "status 204"),
    ])
    func statusesSayWhatToDo(status: Int, hint: String) async throws {
        let error = try await SearchHarness.failure { _ in
            Response(status: .init(code: status), headers: [.location: "http://127.0.0.1:9/search"])
        }
        #expect(error?.code == .badGateway && error?.message.contains(hint) == true, "\(String(describing: error))")
        #expect(error?.message.contains("127.0.0.1:") == true)
    }

    @Test(arguments: [
        "", "<!doctype html><title>SearXNG</title>", "{", "[]", "{}", #"{"results": 1}"#, #"{"results": [1]}"#, "null",
        "\u{FF}",
    ])
    func whatIsNoAnswerIsAFault(text: String) async throws {
        let error = try await SearchHarness.failure { _ in SearchHarness.text(text) }
        #expect(
            error?.code == .badGateway && error?.message.contains("in JSON") == true, "\(String(describing: error))")
    }

    @Test func tooLongAnswersAreNotRead() async throws {
        let error = try await SearchHarness.failure { _ in
            try SearchHarness.page([SearchHarness.result(content: String(repeating: "x", count: 3 << 20))])
        }
        #expect(
            error?.code == .badGateway && error?.message.contains("2.00 MiB") == true, "\(String(describing: error))")
        let endless = try await SearchHarness.failure { _ in
            StubUpstream.stream(
                Array(repeating: String(repeating: " ", count: 1 << 20), count: 4), contentType: "application/json")
        }
        #expect(
            endless?.code == .badGateway && endless?.message.contains("2.00 MiB") == true,
            "\(String(describing: endless))")
    }

    @Test(arguments: [true, false]) func slowAnswersAreGivenUp(hasBegun: Bool) async throws {
        let start = ContinuousClock.now
        let error = try await SearchHarness.failure(timeout: .milliseconds(300)) { _ in
            if !hasBegun {
                try await Task.sleep(for: .seconds(60))
            }
            return StubUpstream.hang(after: ["{"])
        }
        #expect(
            error?.code == .timedOut && error?.message.contains("within 0.3 s") == true, "\(String(describing: error))")
        #expect(start.duration(to: .now) < .seconds(30))
    }

    @Test func brokenConnectionsAreAFault() async throws {
        let error = try await SearchHarness.failure { _ in StubUpstream.cut(after: [#"{"results": ["#]) }
        #expect(error?.code == .badGateway, "\(String(describing: error))")
    }

    @Test func serversThatAreNotThereAreAFault() async throws {
        let error = try await SearchHarness.run { _ in
            Response(status: .ok)
        } _: { search, configuration in
            var configuration = configuration
            configuration.url = "http://127.0.0.1:1"
            return await #expect(throws: PoolError.self) {
                try await search.search("x", language: .english, configuration)
            }
        }
        #expect(error?.code == .badGateway)
        #expect(error?.message == "the connection to the search server 127.0.0.1:1 failed: connection refused")
    }

    @Test func enginesThatDoNotAnswerAreAFaultOnlyWithoutResults() async throws {
        let silent = [["google", "timeout"], ["bing", "<b>CAPTCHA</b>"]]
        let error = try await SearchHarness.failure { _ in try SearchHarness.page([], silentEngines: silent) }
        #expect(error?.code == .badGateway && error?.message.hasSuffix(": google (timeout), bing (CAPTCHA)") == true)
        #expect(try await SearchHarness.failure { _ in try SearchHarness.page([]) } == nil)
        let some = try await SearchHarness.failure { _ in
            try SearchHarness.page([SearchHarness.result()], silentEngines: silent)
        }
        #expect(some == nil)
    }
}
