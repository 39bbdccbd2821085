import AsyncHTTPClient
import Hummingbird
import SaraiCore
import Synchronization
import Testing

@testable import SaraiBackends

/// Numbers that are the same in every run (SplitMix64).
private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Whatever pieces a stream comes in, its events are the same.
@Suite struct FramingTests {
    private static let ollama =
        "{\"message\":{\"content\":\"¡Niño, \"},\"done\":false}\r\n\r\n{\"message\":{\"content\":\"🐈‍⬛\\n日\"},\"done\":false}\n"
        + "{\"message\":{\"thinking\":\"…\"},\"done\":false}\n{\"message\":{\"content\":\"\"},\"done\":true,"
        + "\"done_reason\":\"length\",\"prompt_eval_count\":5,\"eval_count\":2}\n{\"more\":1}\n"
    private static let openAI =
        ": ping\r\n\r\nevent: x\ndata: {\"choices\":[{\"delta\":{\"content\":\"¡Niño, \"}}]}\r\n\r\nid: 7\n"
        + "data:{\"choices\":[{\"delta\":{\"content\":\"🐈‍⬛\\n日\"}}]}\n\n: 🐈\n\n"
        + "data:  {\"choices\":[{\"delta\":{\"reasoning_content\":\"…\"},\"finish_reason\":\"length\"}]}\n\n"
        + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\r\n\r\ndata: [DONE]\r\n\r\nrest"

    private static let expected: [GenerationEvent] = [
        .content("¡Niño, "), .content("🐈‍⬛\n日"), .thinking("…"),
        .finished(Completion(reason: .length, usage: Usage(promptTokens: 5, completionTokens: 2))),
    ]

    private static func outcome(
        _ kind: BackendHarness.Kind, of bytes: [UInt8], cutAt cuts: [Int]
    ) async throws -> BackendHarness.Outcome {
        let bounds = [0] + cuts + [bytes.count]
        let (pieces, piece) = AsyncStream.makeStream(of: ByteBuffer.self)
        for (start, end) in zip(bounds, bounds.dropFirst()) {
            piece.yield(ByteBuffer(bytes: bytes[start..<end]))
        }
        piece.finish()
        let body = HTTPClientResponse.Body.stream(pieces)
        let events = Mutex<[GenerationEvent]>([])
        let emit: @Sendable (GenerationEvent) -> Void = { event in events.withLock { $0.append(event) } }
        var error: BackendError?
        do {
            try await StallWatchdog.watch(BackendLimits(firstToken: .seconds(60), stall: .seconds(60))) { watchdog in
                switch kind {
                case .ollama:
                    var stream = AnswerStream(OllamaChunkReader(), framing: .ndjson, watchdog: watchdog, emit: emit)
                    try await stream.read(body)
                case .openAI:
                    var stream = AnswerStream(OpenAIChunkReader(), framing: .sse, watchdog: watchdog, emit: emit)
                    try await stream.read(body)
                }
            }
        } catch let failure as BackendError {
            error = failure
        }
        return BackendHarness.Outcome(events: events.withLock { $0 }, error: error)
    }

    private static func expectWhole(
        _ kind: BackendHarness.Kind, of bytes: [UInt8], cutAt cuts: [Int], _ comment: Comment
    ) async throws {
        let outcome = try await outcome(kind, of: bytes, cutAt: cuts)
        #expect(outcome.error == nil && outcome.events == expected, comment)
    }

    @Test(arguments: BackendHarness.Kind.allCases)
    func noCutChangesTheEvents(kind: BackendHarness.Kind) async throws {
        let bytes = Array((kind == .ollama ? Self.ollama : Self.openAI).utf8)
        for cut in 0...bytes.count {
            try await Self.expectWhole(kind, of: bytes, cutAt: [cut], "cut at \(cut)")
        }
        for size in 1...40 {
            let cuts = Array(stride(from: size, to: bytes.count, by: size))
            try await Self.expectWhole(kind, of: bytes, cutAt: cuts, "pieces of \(size) bytes")
        }
        var numbers = Numbers(state: 4)
        for round in 1...150 {
            let cuts = (0..<Int.random(in: 2...60, using: &numbers)).map { _ in
                Int.random(in: 0...bytes.count, using: &numbers)
            }.sorted()
            try await Self.expectWhole(kind, of: bytes, cutAt: cuts, "round \(round): \(cuts)")
        }
    }

    /// What came whole is kept, half an event is none, and the answer is complete only if the model said why it stopped.
    @Test(arguments: BackendHarness.Kind.allCases)
    func aStreamMayStopAnywhere(kind: BackendHarness.Kind) async throws {
        let bytes = Array((kind == .ollama ? Self.ollama : Self.openAI).utf8)
        var complete = 0
        for count in 0...bytes.count {
            let outcome = try await Self.outcome(kind, of: Array(bytes.prefix(count)), cutAt: [])
            if case .finished(let completion) = outcome.events.last {
                complete += 1
                #expect(outcome.error == nil && completion.reason == .length, "\(count) bytes")
                #expect(outcome.events.dropLast() == Self.expected.dropLast(), "\(count) bytes")
            } else {
                #expect(outcome.error?.code == .brokenOff, "\(count) bytes")
                #expect(
                    outcome.events == Array(Self.expected.dropLast().prefix(outcome.events.count)), "\(count) bytes")
            }
        }
        #expect(complete > 0 && complete < bytes.count / 2)
    }

    @Test func linesEndAsTheyEnd() throws {
        var lines = LineSplitter()
        var found: [String] = []
        for piece in ["a\r", "\nb", "\n\n", "c\rd\n", "e\r"] {
            lines.append(ByteBuffer(string: piece))
            while let line = try lines.next() {
                found.append(String(buffer: line))
            }
        }
        #expect(found == ["a", "b", "", "c\rd"] && String(buffer: lines.rest) == "e")
    }

    @Test func aLineWithoutEndIsRefused() throws {
        var lines = LineSplitter()
        let piece = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1 << 20)
        for _ in 1...8 {
            lines.append(piece)
            #expect(try lines.next() == nil)
        }
        lines.append(piece)
        #expect(throws: BackendError.self) { try lines.next() }
    }
}
