import Hummingbird
import SaraiCore
import SaraiTestSupport
import Synchronization
import Testing

@testable import SaraiBackends

@Suite struct ServerProbeTests {
    private func withProbe<Result: Sendable>(
        _ api: ServerProbe.API, answers: [String: String],
        _ body: @escaping @Sendable (ServerProbe) async throws -> Result
    ) async throws -> (result: Result, asked: [String]) {
        let asked = Mutex<[String]>([])
        let result = try await StubUpstream.run { request in
            asked.withLock {
                $0.append("\(request.method) \(request.uri.path) \(request.headers[.authorization] ?? "")")
            }
            guard let answer = answers[request.uri.path] else {
                return Response(status: .notFound)
            }
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: answer)))
        } _: { url in
            try await UpstreamClient.withHTTPClient(connectTimeout: .seconds(2), connectionsPerServer: 4) { client in
                try await body(ServerProbe(api, client: client, url: url, apiKey: "k"))
            }
        }
        return (result, asked.withLock { $0 })
    }

    private static let tags = #"{"models":[{"name":"m:latest"},{"name":"other:1b"}]}"#

    @Test func ollamaTellsWhatItHasAndWhatIsLoaded() async throws {
        let answers = ["/api/tags": Self.tags, "/api/ps": #"{"models":[{"name":"other:1b","size_vram":0}]}"#]
        let (health, asked) = try await withProbe(.ollama, answers: answers) {
            try await $0.check(timeout: .seconds(30))
        }
        #expect(health.models == ["m:latest", "other:1b"] && health.loaded == ["other:1b"])
        #expect(health.has("m") && health.has("m:latest") && health.has("other:1b"))
        #expect(!health.has("other") && !health.has("m:1b") && !health.hasLoaded("m") && health.hasLoaded("other:1b"))
        #expect(health.firstByte > .zero && health.firstByte < .seconds(30))
        #expect(Set(asked) == ["GET /api/tags Bearer k", "GET /api/ps Bearer k"])
    }

    @Test(arguments: [nil, "", "{}", "<html>"])
    func whatIsLoadedIsOnlyGoodToKnow(answer: String?) async throws {
        var answers = ["/api/tags": Self.tags]
        answers["/api/ps"] = answer
        let (health, _) = try await withProbe(.ollama, answers: answers) { try await $0.check(timeout: .seconds(30)) }
        #expect(health.has("m") && health.loaded.isEmpty)
    }

    @Test func openAITellsWhatItHas() async throws {
        let answers = ["/v1/models": #"{"data":[{"id":"org/M"}]}"#]
        let (health, asked) = try await withProbe(.openAI, answers: answers) {
            try await $0.check(timeout: .seconds(30))
        }
        #expect(health.has("org/M") && !health.has("M") && health.loaded.isEmpty)
        #expect(asked == ["GET /v1/models Bearer k"])
    }

    @Test func aServerThatDoesNotTellWhatItHasFails() async throws {
        for (answers, code) in [([:], BackendError.Code.modelMissing), (["/api/tags": "<html>"], .malformedAnswer)] {
            let (error, _) = try await withProbe(.ollama, answers: answers) { probe in
                await #expect(throws: BackendError.self) { try await probe.check(timeout: .seconds(30)) }
            }
            #expect(error?.code == code)
        }
    }

    @Test func aTargetWithoutItsModelIsUnhealthy() async throws {
        try await StubUpstream.run { _ in
            Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: #"{"models":[],"data":[]}"#)))
        } _: { url in
            let limits = BackendLimits(firstToken: .seconds(5), stall: .seconds(5))
            for kind in BackendHarness.Kind.allCases {
                try await BackendHarness.withBackend(kind, url: url, limits: limits) { backend in
                    let expected = BackendError(.modelMissing, "the server has no model 'm'")
                    _ = await #expect(throws: expected) { try await backend.checkHealth() }
                }
            }
        }
    }

    @Test func latencyIsMeasured() async throws {
        try await StubUpstream.run { _ in
            Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: Self.tags)))
        } _: { url in
            try await UpstreamClient.withHTTPClient(connectTimeout: .seconds(2), connectionsPerServer: 4) { client in
                let probe = ServerProbe(.ollama, client: client, url: url, apiKey: nil)
                let latency = try await ServerLatency.measure(probe, url: url, timeout: .seconds(30))
                #expect(latency.connect > .zero && latency.firstByte > .zero)
            }
        }
        try await RawUpstream.withBlackHole { url in
            try await UpstreamClient.withHTTPClient(connectTimeout: .seconds(2), connectionsPerServer: 4) { client in
                let probe = ServerProbe(.ollama, client: client, url: url, apiKey: nil)
                let error = await #expect(throws: BackendError.self) {
                    try await ServerLatency.measure(probe, url: url, timeout: .milliseconds(200))
                }
                #expect(error?.code == .unreachable)
            }
        }
    }
}
