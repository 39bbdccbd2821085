import SaraiCore
import Testing

@testable import SaraiPool

@Suite("An answer that several targets make")
struct AnswerProgressTests {
    private let now = ContinuousClock.now

    private func request(maxTokens: Int? = nil, stop: [String] = []) -> GenerationRequest {
        var sampling = Sampling()
        sampling.maxTokens = maxTokens
        sampling.stop = stop
        sampling.seed = 7
        return GenerationRequest(prompt: .chat([Message(role: .user, text: "Count.")]), sampling: sampling)
    }

    private func finished(
        _ reason: Completion.Reason = .stop, at stopText: String? = nil, prompt: Int, completion: Int
    ) -> GenerationEvent {
        var usage = Usage()
        usage.promptTokens = prompt
        usage.completionTokens = completion
        return .finished(Completion(reason: reason, stopText: stopText, usage: usage))
    }

    /// Lets a target send pieces of text; returns what the client got of them.
    @discardableResult
    private func send(_ texts: [String], to answer: inout AnswerProgress) -> [GenerationEvent] {
        texts.flatMap { answer.take(.content($0), now: now).events }
    }

    @Test("goes on after what was sent, with what is left of the limit, and counts everything once")
    func resume() throws {
        var answer = AnswerProgress(request(maxTokens: 10), isWhole: false)
        #expect(answer.next(counted: nil, now: now) == request(maxTokens: 10))
        #expect(
            send(["one ", "two ", "three "], to: &answer) == [.content("one "), .content("two "), .content("three ")])
        #expect(answer.stage == .resumable(characters: 14))
        let next = answer.next(counted: 4, now: now)
        let continued = try #require(next)
        #expect(continued.continuation == "one two three ")
        #expect(continued.sampling.maxTokens == 6)
        #expect(continued.sampling.seed == 7)
        #expect(continued.prompt == request().prompt)
        send(["four ", "five"], to: &answer)
        let step = answer.take(finished(prompt: 24, completion: 2), now: now)
        #expect(step.events == [finished(prompt: 20, completion: 6)])
        #expect(answer.text == "one two three four five" && answer.isFinished)
    }

    @Test("is resumed again and again")
    func twice() throws {
        var answer = AnswerProgress(request(maxTokens: 5), isWhole: false)
        _ = answer.next(counted: nil, now: now)
        send(["a", "b"], to: &answer)
        #expect(answer.next(counted: nil, now: now)?.sampling.maxTokens == 3)
        send(["c"], to: &answer)
        let next = answer.next(counted: nil, now: now)
        let third = try #require(next)
        #expect(third.continuation == "abc" && third.sampling.maxTokens == 2)
        send(["d", "e"], to: &answer)
        let step = answer.take(finished(.length, prompt: 13, completion: 2), now: now)
        #expect(step.events == [finished(.length, prompt: 10, completion: 5)])
    }

    @Test("has nothing to ask for when the limit is reached at the cut")
    func limit() {
        var answer = AnswerProgress(request(maxTokens: 2), isWhole: false)
        _ = answer.next(counted: nil, now: now)
        send(["a", "b"], to: &answer)
        #expect(answer.next(counted: nil, now: now) == nil)
        #expect(answer.finishAtLimit() == [finished(.length, prompt: 0, completion: 2)])
        #expect(answer.isFinished)
        #expect(answer.take(.content("late"), now: now).events.isEmpty, "nothing comes after the end")
    }

    @Test("never counts more tokens than the limit, however the next target would split the text")
    func countedAboveLimit() {
        var answer = AnswerProgress(request(maxTokens: 4), isWhole: false)
        _ = answer.next(counted: nil, now: now)
        send(["a", "b"], to: &answer)
        #expect(answer.next(counted: 9, now: now) == nil)
        #expect(answer.finishAtLimit() == [finished(.length, prompt: 0, completion: 4)])
    }

    @Test("starts anew as long as nothing was sent")
    func fresh() {
        var answer = AnswerProgress(request(), isWhole: false)
        _ = answer.next(counted: nil, now: now)
        #expect(answer.stage == .nothingSent)
        #expect(answer.next(counted: nil, now: now) == request())
    }

    @Test("of a client that waits for all of it is kept, and goes on all the same")
    func whole() {
        var answer = AnswerProgress(request(), isWhole: true)
        _ = answer.next(counted: nil, now: now)
        #expect(send(["one ", "two"], to: &answer).isEmpty)
        #expect(answer.next(counted: nil, now: now)?.continuation == "one two")
        send([" three"], to: &answer)
        _ = answer.take(finished(prompt: 9, completion: 1), now: now)
        #expect(
            answer.kept == [
                .content("one "), .content("two"), .content(" three"), finished(prompt: 7, completion: 3),
            ])
    }

    @Test(
        "with reasoning, tools, a format or pictures is not continued",
        arguments: ["thinking", "call", "tools", "format"])
    func lost(what: String) {
        var request = request()
        if what == "tools" {
            request.tools = [.object([:])]
        }
        if what == "format" {
            request.format = .json
        }
        for isWhole in [false, true] {
            var answer = AnswerProgress(request, isWhole: isWhole)
            _ = answer.next(counted: nil, now: now)
            switch what {
            case "thinking": _ = answer.take(.thinking("hm"), now: now)
            case "call": _ = answer.take(.toolCall(ToolCallDelta(index: 0, id: "c", name: "f")), now: now)
            default: send(["{"], to: &answer)
            }
            #expect(answer.stage.isLost == !isWhole)
            if isWhole {
                #expect(answer.stage == .nothingSent, "its client has seen nothing")
                #expect(answer.next(counted: nil, now: now) == request)
                #expect(answer.kept.isEmpty)
            }
        }
    }

    @Test("starts anew where nobody can go on, if its client has seen nothing", arguments: [true, false])
    func anew(isWhole: Bool) {
        var answer = AnswerProgress(request(maxTokens: 9, stop: ["END"]), isWhole: isWhole)
        _ = answer.next(counted: nil, now: now)
        send(["the E"], to: &answer)
        _ = answer.next(counted: nil, now: now)
        send(["N"], to: &answer)
        #expect(answer.watchesStops)
        #expect(answer.startAnew() == isWhole)
        guard isWhole else {
            #expect(answer.stage == .resumable(characters: 5))
            return
        }
        #expect(answer.stage == .nothingSent)
        #expect(answer.next(counted: nil, now: now) == request(maxTokens: 9, stop: ["END"]))
        #expect(!answer.watchesStops, "they belonged to what was forgotten")
        send(["ND"], to: &answer)
        _ = answer.take(finished(prompt: 5, completion: 1), now: now)
        #expect(answer.kept == [.content("ND"), finished(prompt: 5, completion: 1)])
    }

    @Test("goes on after what the client itself had begun")
    func prefill() throws {
        var request = request()
        request.continuation = "Well, "
        var answer = AnswerProgress(request, isWhole: false)
        _ = answer.next(counted: nil, now: now)
        send(["one"], to: &answer)
        #expect(answer.next(counted: nil, now: now)?.continuation == "Well, one")
    }

    @Test("ends at a stop text that the cut has divided")
    func stop() {
        var answer = AnswerProgress(request(stop: ["END"]), isWhole: false)
        _ = answer.next(counted: nil, now: now)
        send(["the E"], to: &answer)
        _ = answer.next(counted: nil, now: now)
        #expect(answer.watchesStops)
        #expect(send(["N"], to: &answer).isEmpty, "it may become a stop text")
        let step = answer.take(.content("D of it"), now: now)
        #expect(step.isStopped && step.events == [finished(at: "END", prompt: 0, completion: 3)])
        #expect(answer.take(finished(prompt: 9, completion: 9), now: now).events.isEmpty, "there is one end")
    }

    @Test("gives out what only looked like a stop text")
    func noStop() {
        var answer = AnswerProgress(request(stop: ["END"]), isWhole: false)
        _ = answer.next(counted: nil, now: now)
        send(["the E"], to: &answer)
        _ = answer.next(counted: nil, now: now)
        #expect(send(["N", "T", "ER"], to: &answer) == [.content("NT"), .content("ER")])
        #expect(answer.text == "the ENTER")
    }

    @Test("gives out at the end what it kept back")
    func heldAtTheEnd() {
        var answer = AnswerProgress(request(stop: ["END"]), isWhole: false)
        _ = answer.next(counted: nil, now: now)
        send(["the E"], to: &answer)
        _ = answer.next(counted: nil, now: now)
        send(["N"], to: &answer)
        let step = answer.take(finished(prompt: 6, completion: 1), now: now)
        #expect(step.events == [.content("N"), finished(prompt: 5, completion: 2)])
    }

    @Test("sends probabilities with their text: alone they are nothing that could not be taken back")
    func logprobs() {
        let token = TokenLogprobs(chosen: TokenLogprob(text: "a", bytes: nil, logprob: -1), top: [])
        var answer = AnswerProgress(request(), isWhole: false)
        _ = answer.next(counted: nil, now: now)
        #expect(answer.take(.logprobs([token]), now: now).events == [])
        #expect(answer.stage == .nothingSent)
        _ = answer.next(counted: nil, now: now)
        #expect(send(["b"], to: &answer) == [.content("b")], "what the first target had told is forgotten")
        _ = answer.take(.logprobs([token]), now: now)
        #expect(send(["a"], to: &answer) == [.logprobs([token]), .content("a")])
        _ = answer.take(.logprobs([token]), now: now)
        let end = finished(prompt: 1, completion: 2)
        #expect(answer.take(end, now: now).events == [.logprobs([token]), end])
    }
}
