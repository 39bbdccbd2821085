import SaraiMetrics

extension PoolSnapshot {
    /// What a model did since the daemon started. Whoever looks twice can tell how fast it goes.
    package struct Totals: Codable, Hashable, Sendable {
        /// Requests that are over, whatever became of them.
        package var requests = 0
        /// The time that they took together.
        package var requestSeconds = 0.0
        /// Answers that have begun.
        package var answersBegun = 0
        /// The time from their requests to their first pieces, together.
        package var firstTokenSeconds = 0.0
        /// Tokens of prompts.
        package var promptTokens = 0
        /// Tokens generated, those of unfinished answers included.
        package var generatedTokens = 0

        private enum CodingKeys: String, CodingKey {
            case requests
            case requestSeconds = "request_seconds"
            case answersBegun = "answers_begun"
            case firstTokenSeconds = "first_token_seconds"
            case promptTokens = "prompt_tokens"
            case generatedTokens = "generated_tokens"
        }

        /// Nothing yet.
        package init() {}

        /// What was counted of a model.
        init(_ metrics: MetricRegistry, model: String) {
            (requests, requestSeconds) = metrics.total(.requestDuration, model)
            (answersBegun, firstTokenSeconds) = metrics.total(.timeToFirstToken, model)
            promptTokens = Int(metrics.total(.promptTokens, model).sum)
            generatedTokens = Int(metrics.total(.generatedTokens, model).sum)
        }
    }
}
