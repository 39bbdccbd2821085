import Hummingbird
import SaraiCore
import SaraiTestSupport
import Testing

@testable import SaraiBackends

@Suite struct FailureTests {
    @Test(arguments: [
        (404, BackendError.Code.modelMissing, true), (429, .overloaded, true), (503, .overloaded, true),
        (500, .serverError(500), true), (400, .rejected(400), false), (302, .malformedAnswer, true),
    ])
    func statusesBecomeTypedErrors(status: Int, code: BackendError.Code, allowsFailover: Bool) async throws {
        for kind in BackendHarness.Kind.allCases {
            let outcome = try await BackendHarness.generate(kind) { _ in
                Response(
                    status: .init(code: status), headers: [.retryAfter: "3", .location: "http://10.0.0.1/"],
                    body: .init(byteBuffer: ByteBuffer(string: #"{"error":"because"}"#)))
            }
            let error = try #require(outcome.error)
            #expect(error.code == code && error.message == "because" && error.retryAfter == .seconds(3))
            #expect(error.allowsFailover == allowsFailover)
        }
    }

    @Test(arguments: BackendHarness.Kind.allCases)
    func aServerThatIsNotThereIsUnreachable(kind: BackendHarness.Kind) async throws {
        // A port that was free a moment ago.
        let url = try await StubUpstream.run(answering: { _ in Response(status: .ok) }, { $0 })
        let limits = BackendLimits(firstToken: .seconds(5), stall: .seconds(5))
        let outcome = try await BackendHarness.withBackend(kind, url: url, limits: limits) { backend in
            await BackendHarness.collect(backend, GenerationRequest(prompt: .completion("hi")))
        }
        #expect(outcome.error?.code == .unreachable)
        #expect(outcome.error?.message.contains("connection refused") == true)
    }

    @Test(arguments: BackendHarness.Kind.allCases)
    func silenceBeforeTheFirstTokenEndsInTime(kind: BackendHarness.Kind) async throws {
        let limits = BackendLimits(firstToken: .milliseconds(300), stall: .seconds(20))
        let before = try await BackendHarness.generate(kind, limits: limits) { _ in
            try await Task.sleep(for: .seconds(30))
            return Response(status: .ok)
        }
        #expect(before.error?.code == .firstTokenTimeout)
        // The role that opens a chat is no token.
        let opening = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
        let after = try await BackendHarness.generate(kind, limits: limits) { _ in
            StubUpstream.hang(after: kind == .openAI ? [opening] : [])
        }
        #expect(after.error?.code == .firstTokenTimeout)
    }

    @Test(arguments: BackendHarness.Kind.allCases)
    func aStreamThatStopsIsStalled(kind: BackendHarness.Kind) async throws {
        let limits = BackendLimits(firstToken: .seconds(20), stall: .milliseconds(300))
        let piece =
            kind == .ollama
            ? "{\"message\":{\"content\":\"a\"},\"done\":false}\n"
            : "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
        let outcome = try await BackendHarness.generate(kind, limits: limits) { _ in StubUpstream.hang(after: [piece]) }
        #expect(outcome.error?.code == .stalled)
        #expect(outcome.text == "a")
    }

    @Test(arguments: BackendHarness.Kind.allCases)
    func aConnectionThatIsCutIsBrokenOff(kind: BackendHarness.Kind) async throws {
        let piece =
            kind == .ollama
            ? "{\"message\":{\"content\":\"a\"},\"done\":false}\n"
            : "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
        for pieces in [[], [piece]] {
            let outcome = try await BackendHarness.generate(kind) { _ in StubUpstream.cut(after: pieces) }
            #expect(outcome.error?.code == .brokenOff, "\(String(describing: outcome.error))")
            #expect(outcome.text == (pieces.isEmpty ? "" : "a"))
        }
    }

    @Test func healthIsAskedWithoutLoadingAnything() async throws {
        let answer: @Sendable (Request) async throws -> Response = { request in
            let body =
                switch request.uri.path {
                case "/api/tags": #"{"models":[{"name":"m:latest"},{"name":"other:1b"}]}"#
                case "/v1/models": #"{"data":[{"id":"m"}]}"#
                default: ""
                }
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: body)))
        }
        let limits = BackendLimits(firstToken: .seconds(5), stall: .seconds(5))
        for kind in BackendHarness.Kind.allCases {
            try await StubUpstream.run(answering: answer) { url in
                try await BackendHarness.withBackend(kind, url: url, limits: limits) { try await $0.checkHealth() }
            }
        }
        let missing: @Sendable (Request) async throws -> Response = { _ in
            Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: #"{"models":[]}"#)))
        }
        try await StubUpstream.run(answering: missing) { url in
            try await BackendHarness.withBackend(.ollama, url: url, limits: limits) { backend in
                let expected = BackendError(.modelMissing, "the server has no model 'm'")
                _ = await #expect(throws: expected) { try await backend.checkHealth() }
            }
        }
    }

    @Test func whatOllamaCannotExpressIsUnsupported() async throws {
        let sound = try #require(Media(file: Array("RIFF....WAVEfmt ".utf8)))
        let message = Message(role: .user, content: [.text("what is this?"), .media(sound)])
        let outcome = try await BackendHarness.generate(.ollama, request: .init(prompt: .chat([message]))) { _ in
            Response(status: .ok)
        }
        #expect(outcome.error?.code == .unsupported)
        #expect(outcome.error?.countsAgainstTarget == false)
    }
}
