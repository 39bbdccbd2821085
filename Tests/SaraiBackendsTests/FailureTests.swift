import Foundation
import Hummingbird
import SaraiCore
import SaraiTestSupport
import Testing

@testable import SaraiBackends

@Suite struct FailureTests {
    @Test(arguments: [
        (404, BackendError.Code.modelMissing, true), (429, .overloaded, true), (503, .overloaded, true),
        (500, .serverError(500), true), (502, .serverError(502), true), (400, .rejected(400), false),
        (422, .rejected(422), false), (401, .serverError(401), true), (302, .malformedAnswer, true),
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
        let limits = BackendLimits(firstToken: .seconds(40), stall: .milliseconds(300))
        let start = ContinuousClock.now
        let piece =
            kind == .ollama
            ? "{\"message\":{\"content\":\"a\"},\"done\":false}\n"
            : "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
        let outcome = try await BackendHarness.generate(kind, limits: limits) { _ in StubUpstream.hang(after: [piece]) }
        #expect(outcome.error?.code == .stalled)
        #expect(outcome.text == "a")
        // Not only when the first token, which has long come, would have been due.
        #expect(start.duration(to: .now) < .seconds(35))
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

    @Test(arguments: [
        (nil, nil), ("", nil), ("soon", nil), ("-1", Duration.zero), ("0", .zero), ("12", .seconds(12)),
        (" 12 ", .seconds(12)), ("86400", .seconds(600)), ("99999999999999999999999", .seconds(600)), ("nan", nil),
        ("Sun, 06 Nov 1994 08:49:57 GMT", .seconds(20)), ("Sunday, 06-Nov-94 08:49:57 GMT", .seconds(20)),
        ("Sun Nov  6 08:49:57 1994", .seconds(20)), ("Sun, 06 Nov 1994 08:49:36 GMT", .zero),
        ("Mon, 07 Nov 1994 08:49:57 GMT", .seconds(600)),
    ])
    func retryAfterIsSecondsOrADate(text: String?, expected: Duration?) {
        // Sun, 06 Nov 1994 08:49:37 GMT
        let now = Date(timeIntervalSince1970: 784_111_777)
        #expect(text.flatMap { RetryAfter.duration($0, now: now) } == expected)
    }

    @Test(arguments: [nil, "4"])
    func aServerThatIsTooBusyIsOverloadedWhetherItSaysForHowLongOrNot(retryAfter: String?) async throws {
        let outcome = try await BackendHarness.generate(.openAI) { _ in
            Response(status: .serviceUnavailable, headers: retryAfter.map { [.retryAfter: $0] } ?? [:])
        }
        #expect(outcome.error?.code == .overloaded && outcome.error?.countsAgainstTarget == false)
        #expect(outcome.error?.retryAfter == retryAfter.map { _ in .seconds(4) })
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
