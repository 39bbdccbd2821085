import SaraiCore

/// An answer as `sarai run --json` prints it.
struct AnswerReport: Encodable {
    let model: String
    let text: String
    let thinking: String?
    let target: String?
    let route: String?
    /// Who went on with the answer; `nil` where nobody had to.
    let resumed: [Resumption]?
    let finishReason: String
    let usage: Tokens
    let timings: Timings
    /// What the pipeline did; `nil` where one model answered alone.
    let pipeline: PipelineReport?

    /// Tokens that the answer took.
    struct Tokens: Encodable {
        let promptTokens: Int
        let completionTokens: Int
    }

    /// Times as the client saw them, in milliseconds.
    struct Timings: Encodable {
        let firstTokenMs: Double?
        let totalMs: Double
        let tokensPerSecond: Double?
    }

    /// The report of an answer.
    init(_ answer: Answer, model: String) {
        self.model = model
        text = answer.text
        thinking = answer.thinking.isEmpty ? nil : answer.thinking
        target = answer.target
        route = answer.route
        resumed = answer.resumptions.isEmpty ? nil : answer.resumptions
        finishReason = answer.completion.reason.rawValue
        pipeline = answer.completion.pipeline
        let usage = answer.completion.usage
        self.usage = Tokens(promptTokens: usage.promptTokens, completionTokens: usage.completionTokens)
        timings = Timings(
            firstTokenMs: answer.untilFirstToken?.milliseconds, totalMs: answer.duration.milliseconds,
            tokensPerSecond: answer.tokensPerSecond?.rounded(to: 2))
    }
}

extension Answer {
    /// Who answered and what it took, in a line.
    func summary(_ style: TextStyle) -> String {
        let usage = completion.usage
        let first = untilFirstToken.map { ", the first after \($0.text)" } ?? ""
        let speed = tokensPerSecond.map { ", \($0.formatted(decimals: 1)) tokens/s" } ?? ""
        let tokens = "\(usage.promptTokens) → \(usage.completionTokens) tokens in \(duration.text)\(first)\(speed)"
        let rest = resumptions.map { ", from character \($0.characters) on \($0.to) because it broke off" }.joined()
        return style("\(target ?? "unknown target") (\(route ?? "unknown route"))\(rest): \(tokens)", .faint)
    }
}

extension Duration {
    /// In milliseconds, with the digits that mean something.
    var milliseconds: Double {
        (seconds * 1000).rounded(to: 2)
    }

    /// For a person: `85 ms`, `1.93 s`.
    var text: String {
        seconds < 1 ? "\((seconds * 1000).formatted(decimals: 0)) ms" : "\(seconds.formatted(decimals: 2)) s"
    }
}
