import SaraiCore

/// An answer while it is made, perhaps by several targets, one after the other.
///
/// Knows what the client has been sent, and therefore what becomes of a target's failure: as long as nothing was sent, the
/// next target starts from the beginning; after that it may go on where the last one broke off, if the answer is one that
/// can be continued. The client sees one answer: its text in one piece, one count of tokens, one end.
struct AnswerProgress: Sendable {
    /// How far an answer is, and what that means if its target fails now.
    enum Stage: Hashable, Sendable {
        /// Nothing was sent that could not be taken back: any target may start from the beginning.
        case nothingSent
        /// So many characters were sent: a target of the same weights may go on after them.
        case resumable(characters: Int)
        /// Something was sent that cannot be continued; what, in a few words.
        case lost(String)

        /// Whether a failure now ends the answer.
        var isLost: Bool {
            if case .lost = self { true } else { false }
        }

        /// Whether another target may go on with it.
        var isResumable: Bool {
            if case .resumable = self { true } else { false }
        }
    }

    /// What became of an event.
    struct Step: Hashable, Sendable {
        /// What the client gets of it.
        var events: [GenerationEvent] = []
        /// Whether it was the present target's first.
        var isFirst = false
        /// Whether the answer ended with it though the target goes on.
        var isStopped = false
    }

    private let request: GenerationRequest
    /// Whether the client gets the answer in one piece, and so nothing before its end.
    private let isWhole: Bool
    /// The text that was sent, by all targets so far.
    private(set) var text = ""
    /// The tokens of ``text``: at least the number of its pieces.
    private var tokens = 0
    /// Pieces that the present target sent.
    private var pieces = 0
    /// Probabilities of tokens whose text has not come yet. They go with it: alone they are nothing that a client sees.
    private var logprobs: [GenerationEvent] = []
    /// What was sent besides text, in a word.
    private var other: String?
    /// Stop texts that began before the last cut.
    private var stops = StraddlingStops(after: "", stops: [])
    /// What the client was told at the end.
    private(set) var isFinished = false
    /// Of a whole answer: what the client will get.
    private(set) var kept: [GenerationEvent] = []
    private var began: ContinuousClock.Instant?
    private var spent = Duration.zero

    /// An answer of which nothing is there yet.
    init(_ request: GenerationRequest, isWhole: Bool) {
        self.request = request
        self.isWhole = isWhole
    }

    /// How far the answer is.
    var stage: Stage {
        guard !text.isEmpty || other != nil else {
            return .nothingSent
        }
        switch other ?? Self.obstacle(in: request) {
        case nil: return .resumable(characters: text.count)
        case .some where isWhole: return .nothingSent
        case .some(let obstacle): return .lost(obstacle)
        }
    }

    /// What the next target is to go on from; `nil` if it starts from the beginning.
    var textToContinue: String? {
        stage.isResumable ? text : nil
    }

    /// Whether a stop text may have begun before the cut, so that the present target cannot know it.
    var watchesStops: Bool {
        stops.isOpen
    }

    /// Prepares for the next target.
    ///
    /// - Parameters:
    ///   - counted: the tokens of ``text`` where the next target can count them.
    ///   - now: the time.
    /// - Returns: what to ask the target; `nil` if nothing is left to ask for, since the token limit is reached. Then
    ///   ``finishAtLimit()`` ends the answer.
    mutating func next(counted: Int?, now: ContinuousClock.Instant) -> GenerationRequest? {
        spent += began.map { $0.duration(to: now) } ?? .zero
        began = nil
        pieces = 0
        logprobs = []
        guard stage.isResumable else {
            forget()
            return request
        }
        // A piece has one token or more: the engine keeps an incomplete character or stop text back.
        // What was sampled is not always what the text would be split into, but it was never more than the limit.
        tokens = min(max(tokens, counted ?? 0), request.sampling.maxTokens ?? .max)
        stops = StraddlingStops(after: text, stops: request.sampling.stop)
        var continued = request
        continued.continuation = (request.continuation ?? "") + text
        if let limit = request.sampling.maxTokens {
            guard limit > tokens else {
                return nil
            }
            continued.sampling.maxTokens = limit - tokens
        }
        return continued
    }

    /// Forgets what came of the answer, so that any target may make it from the beginning.
    ///
    /// - Returns: whether it did: what the client has seen cannot be taken back.
    mutating func startAnew() -> Bool {
        if isWhole {
            forget()
        }
        return isWhole
    }

    private mutating func forget() {
        text = ""
        tokens = 0
        other = nil
        stops = StraddlingStops(after: "", stops: [])
        logprobs = []
        kept = []
        spent = .zero
    }

    /// Takes an event of the present target.
    mutating func take(_ event: GenerationEvent, now: ContinuousClock.Instant) -> Step {
        var step = Step()
        guard !isFinished else {
            return step
        }
        step.isFirst = began == nil
        began = began ?? now
        switch event {
        case .content(let piece):
            tokens += 1
            pieces += 1
            let (free, stop) = stops.isOpen ? stops.take(piece) : (piece, nil)
            text += free
            step.events = free.isEmpty ? [] : takeLogprobs() + [.content(free)]
            if let stop {
                step.isStopped = true
                step.events.append(end(.stop, stopText: stop))
            }
        case .logprobs:
            logprobs.append(event)
        case .thinking:
            other = "reasoning was sent"
            step.events = [event]
        case .toolCall:
            other = "a tool call was begun"
            step.events = [event]
        case .finished(let completion):
            let rest = stops.rest()
            text += rest
            step.events = takeLogprobs() + (rest.isEmpty ? [] : [.content(rest)]) + [.finished(whole(completion))]
            isFinished = true
        }
        if isWhole {
            kept += step.events
            step.events = []
        }
        return step
    }

    private mutating func takeLogprobs() -> [GenerationEvent] {
        defer { logprobs = [] }
        return logprobs
    }

    /// Ends an answer whose token limit was reached before the cut.
    ///
    /// - Returns: what the client gets.
    mutating func finishAtLimit() -> [GenerationEvent] {
        let event = end(.length)
        guard isWhole else {
            return [event]
        }
        kept.append(event)
        return []
    }

    /// An end that no target tells.
    private mutating func end(_ reason: Completion.Reason, stopText: String? = nil) -> GenerationEvent {
        isFinished = true
        var usage = Usage()
        usage.completionTokens = tokens
        return .finished(Completion(reason: reason, stopText: stopText, usage: usage))
    }

    /// The end as the client is told it: tokens of all targets together.
    private func whole(_ completion: Completion) -> Completion {
        var completion = completion
        // The tokens before the last cut were part of this target's prompt.
        let before = max(0, tokens - pieces)
        if before > 0 || spent > .zero {
            completion.usage.promptTokens = max(0, completion.usage.promptTokens - before)
            completion.usage.completionTokens += before
            completion.usage.completionDuration = completion.usage.completionDuration.map { $0 + spent }
        }
        return completion
    }

    /// Why an answer to a request cannot be continued after a cut, whatever was sent of it; `nil` if it can.
    private static func obstacle(in request: GenerationRequest) -> String? {
        if request.format != nil {
            return "its format is prescribed"
        }
        if !request.tools.isEmpty {
            return "it may call tools"
        }
        return request.media.isEmpty ? nil : "the request has images or sounds"
    }
}
