import SaraiCore
import Testing

@testable import SaraiBackends

/// When a fault strikes.
private enum Stage: CaseIterable, Sendable {
    case beforeHeaders, afterHeaders, midStream
    /// The answer is complete, its body is not.
    case atEnd
}

/// What a server does instead of going on.
private enum Fault: CaseIterable, Sendable {
    case reset, close, halfClose, hang, garbage
    /// A byte now and then, which never makes an event.
    case slowBytes
}

/// What is answered, byte by byte, in both formats.
private struct Script {
    let kind: BackendHarness.Kind

    private func chunk(_ text: String) -> String {
        "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"
    }

    var head: String {
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    }

    var token: String {
        kind == .ollama
            ? "{\"message\":{\"content\":\"a\"},\"done\":false}\n"
            : "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
    }

    var end: String {
        kind == .ollama
            ? "{\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":1,\"eval_count\":1}\n"
            : "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
                + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\ndata: [DONE]\n\n"
    }

    func steps(_ fault: Fault, at stage: Stage) -> [RawUpstream.Step] {
        let before =
            switch stage {
            case .beforeHeaders: ""
            case .afterHeaders: head
            case .midStream: head + chunk(token)
            case .atEnd: head + chunk(token) + chunk(end)
            }
        // A reset takes along what was not read yet; what was sent shall arrive first.
        return [.send(before), .pause(.milliseconds(before.isEmpty ? 0 : 100))] + steps(fault, stage: stage)
    }

    private func steps(_ fault: Fault, stage: Stage) -> [RawUpstream.Step] {
        switch fault {
        case .reset: return [.reset]
        case .close: return []
        case .halfClose: return [.halfClose]
        case .hang: return [.hang]
        case .garbage:
            let garbage = "data: {\"ch\u{0}<html>\n\n<html>\n"
            return [.send(stage == .beforeHeaders ? garbage : chunk(garbage)), .hang]
        case .slowBytes:
            let bytes = String(repeating: "x", count: 60)
            return [.trickle(stage == .beforeHeaders ? head : "3c\r\n" + bytes, every: .milliseconds(50)), .hang]
        }
    }
}

@Suite struct FaultMatrixTests {
    private static let patient = BackendLimits(firstToken: .seconds(60), stall: .seconds(60))

    /// Only the limit that a cell is about is short, so that a busy machine reaches no other.
    private static func limits(for code: BackendError.Code?) -> BackendLimits {
        var limits = patient
        switch code {
        case .firstTokenTimeout: limits.firstToken = .milliseconds(500)
        case .stalled: limits.stall = .milliseconds(500)
        default: break
        }
        return limits
    }

    /// The outcome that every cell of the matrix states; `nil` is a complete answer.
    private static func expected(_ fault: Fault, at stage: Stage) -> BackendError.Code? {
        switch (stage, fault) {
        case (.atEnd, _): nil
        case (_, .reset), (_, .close), (_, .halfClose): .brokenOff
        case (_, .garbage): .malformedAnswer
        case (.midStream, .hang), (.midStream, .slowBytes): .stalled
        case (_, .hang), (_, .slowBytes): .firstTokenTimeout
        }
    }

    private static func generate(
        _ kind: BackendHarness.Kind, _ steps: [RawUpstream.Step], limits: BackendLimits = patient
    ) async throws -> BackendHarness.Outcome {
        try await RawUpstream.run(steps) { url in
            try await BackendHarness.withBackend(kind, url: url, limits: limits) { backend in
                await BackendHarness.collect(
                    backend, GenerationRequest(prompt: .chat([Message(role: .user, text: "hi")])))
            }
        }
    }

    @Test(arguments: BackendHarness.Kind.allCases, Fault.allCases)
    private func everyCellHasItsOutcomeInTime(kind: BackendHarness.Kind, fault: Fault) async throws {
        for stage in Stage.allCases {
            let start = ContinuousClock.now
            let expected = Self.expected(fault, at: stage)
            let outcome = try await Self.generate(
                kind, Script(kind: kind).steps(fault, at: stage), limits: Self.limits(for: expected))
            let cell: Comment = "\(fault) \(stage): \(outcome.error?.message ?? "complete")"
            #expect(outcome.error?.code == expected, cell)
            #expect(outcome.text == (stage == .midStream || stage == .atEnd ? "a" : ""), cell)
            #expect(start.duration(to: .now) < .seconds(45), cell)
            guard stage == .atEnd else {
                continue
            }
            let usage = Usage(promptTokens: 1, completionTokens: 1)
            #expect(outcome.events.last == .finished(Completion(reason: .stop, usage: usage)), cell)
            #expect(outcome.events.count == 2, cell)
        }
    }

    @Test(arguments: BackendHarness.Kind.allCases)
    func aBodyWithoutLengthEndsWithItsConnection(kind: BackendHarness.Kind) async throws {
        let script = Script(kind: kind)
        let head = "HTTP/1.1 200 OK\r\n\r\n"
        for ending: RawUpstream.Step in [.halfClose, .pause(.zero)] {
            let whole = try await Self.generate(kind, [.send(head + script.token + script.end), ending])
            #expect(whole.error == nil && whole.text == "a" && whole.events.count == 2)
            // Half a line is what a lost connection leaves, not a server that talks nonsense.
            let half = try await Self.generate(kind, [.send(head + script.token + script.token.dropLast(9)), ending])
            #expect(half.error?.code == .brokenOff && half.text == "a")
        }
    }

    @Test(arguments: BackendHarness.Kind.allCases)
    func aBodyThatIsShorterThanItsLengthIsBrokenOff(kind: BackendHarness.Kind) async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n"
        let outcome = try await Self.generate(kind, [.send(head + Script(kind: kind).token)])
        #expect(outcome.error?.code == .brokenOff && outcome.text == "a")
    }

    @Test func bytesThatAreNoTextAreMalformed() async throws {
        for kind in BackendHarness.Kind.allCases {
            let bytes = Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + Array("data: ".utf8) + [0xFF, 0xFE, 0x0A, 0x0A]
            let outcome = try await Self.generate(kind, [.sendBytes(bytes), .hang])
            #expect(outcome.error?.code == .malformedAnswer)
        }
    }

    @Test func anAnswerWhoseReasonIsKnownIsCompleteWithoutItsUsage() async throws {
        let text =
            Script(kind: .openAI).token + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n"
        for ending: RawUpstream.Step in [.halfClose, .hang, .send("data: {\"error\":{\"message\":\"late\"}}\n\n")] {
            let outcome = try await Self.generate(
                .openAI, [.send("HTTP/1.1 200 OK\r\n\r\n" + text), .pause(.milliseconds(100)), ending])
            #expect(outcome.error == nil && outcome.text == "a")
            #expect(outcome.events.last == .finished(Completion(reason: .length, usage: Usage())))
        }
    }

    @Test func aHostThatIsSwitchedOffIsUnreachableAfterTheConnectTimeout() async throws {
        try await RawUpstream.withBlackHole { url in
            try await UpstreamClient.withHTTPClient(connectTimeout: .milliseconds(300), connectionsPerServer: 4) {
                client in
                let backend = OllamaBackend(
                    client: client, url: url, model: "m", apiKey: nil, limits: Self.patient)
                let start = ContinuousClock.now
                let outcome = await BackendHarness.collect(backend, GenerationRequest(prompt: .completion("hi")))
                #expect(outcome.error?.code == .unreachable, "\(outcome.error?.message ?? "")")
                #expect(start.duration(to: .now) < .seconds(45))
            }
        }
    }

    @Test(arguments: [429, 500, 503])
    func aStatusIsHeardThoughItsMessageNeverComes(status: Int) async throws {
        let head = "HTTP/1.1 \(status) No\r\nRetry-After: 7\r\nContent-Length: 100\r\n\r\n{\"err"
        let start = ContinuousClock.now
        let outcome = try await Self.generate(.ollama, [.send(head), .hang])
        #expect(outcome.error?.code == (status == 500 ? .serverError(500) : .overloaded))
        #expect(outcome.error?.retryAfter == .seconds(7))
        #expect(start.duration(to: .now) < .seconds(45))
    }

    @Test func aHealthCheckThatTricklesEndsInTime() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
        let body = String(repeating: " ", count: 1000)
        for steps: [RawUpstream.Step] in [
            [.trickle(head, every: .milliseconds(50))], [.send(head), .trickle(body, every: .milliseconds(50))],
        ] {
            try await RawUpstream.run(steps) { url in
                try await UpstreamClient.withHTTPClient(connectTimeout: .seconds(2), connectionsPerServer: 4) {
                    client in
                    let probe = ServerProbe(.openAI, client: client, url: url, apiKey: nil)
                    let start = ContinuousClock.now
                    await #expect(throws: BackendError.self) { try await probe.check(timeout: .milliseconds(300)) }
                    #expect(start.duration(to: .now) < .seconds(45))
                }
            }
        }
    }
}
