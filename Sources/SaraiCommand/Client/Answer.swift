import SaraiCore
import SaraiPool
import Synchronization

/// A whole answer, and what the client saw of its making.
struct Answer: Sendable {
    /// The answer.
    var text = ""
    /// The reasoning before it.
    var thinking = ""
    /// Why it ended, and the tokens it took.
    var completion = Completion(reason: .stop, usage: Usage())
    /// The target that answered.
    var target: String?
    /// Why that one.
    var route: String?
    /// The request's id, by which events name it.
    var request: String?
    /// Who went on with the answer where another target broke off.
    var resumptions: [Resumption] = []
    /// From the request to the first piece.
    var untilFirstToken: Duration?
    /// From the request to the end.
    var duration = Duration.zero

    /// Tokens per second between the first token and the end; `nil` where there is too little to tell.
    var tokensPerSecond: Double? {
        // Of a pipeline, what its last step made: the others were over before.
        let tokens = (completion.pipeline?.steps.last?.completionTokens ?? completion.usage.completionTokens) - 1
        let seconds = (duration - (untilFirstToken ?? duration)).seconds
        // A handful of tokens may come in one piece, which says nothing about speed.
        return tokens >= 8 && seconds > 0 ? Double(tokens) / seconds : nil
    }
}

/// An answer that broke off, and went on at another target.
struct Resumption: Encodable, Sendable {
    let from: String
    let to: String
    /// Of the answer, that were there before.
    let characters: Int

    /// Reads an event; `nil` if it tells something else.
    init?(_ event: PoolEvent) {
        guard event.body.kind == .resumed, let from = event.body.from, let to = event.body.to else {
            return nil
        }
        (self.from, self.to, characters) = (from, to, event.body.characters ?? 0)
    }
}

/// Gathers an answer from its events. Shared by the callbacks of one request.
final class AnswerRecorder: Sendable {
    private let start = ContinuousClock.now
    private let state = Mutex(Answer())

    /// What was gathered.
    var answer: Answer {
        state.withLock { $0 }
    }

    /// Notes who answers.
    func record(_ by: AnsweredBy) {
        state.withLock {
            $0.target = by.target
            $0.route = by.route
            $0.request = by.request
        }
    }

    /// Adds a piece.
    func record(_ event: GenerationEvent) {
        let elapsed = start.duration(to: .now)
        state.withLock { answer in
            answer.duration = elapsed
            switch event {
            case .content(let text): answer.text += text
            case .thinking(let text): answer.thinking += text
            case .toolCall, .logprobs: break
            case .finished(let completion):
                answer.completion = completion
                return
            }
            answer.untilFirstToken = answer.untilFirstToken ?? elapsed
        }
    }
}
