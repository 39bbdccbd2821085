import SaraiBackends
import SaraiCore
import SaraiMetrics
import Synchronization

/// Counts one request, from its arrival at the pool to its end.
final class RequestMeter: Sendable {
    /// What is asked of a model.
    enum Operation: String {
        case generation, embedding, transcription, reranking
        case tokenCount = "token_count"
    }

    /// When the request came.
    let start = ContinuousClock.now
    private let metrics: MetricRegistry
    private let model: String
    private let operation: Operation
    private let target = Mutex<TargetID?>(nil)

    /// A request that has just come.
    ///
    /// - Parameters:
    ///   - metrics: what is counted in.
    ///   - model: the model, if the configuration has it.
    ///   - operation: what is asked of it.
    init(_ metrics: MetricRegistry, model: ModelName?, operation: Operation) {
        self.metrics = metrics
        // A client may think of any number of names.
        self.model = model?.rawValue ?? "unknown"
        self.operation = operation
    }

    /// Counts the pieces of an answer.
    var answer: AnswerMeter {
        AnswerMeter(metrics, start: start)
    }

    /// An attempt begins.
    ///
    /// - Parameters:
    ///   - lease: the target that is asked.
    ///   - isRetry: whether it is not the first.
    func asks(_ lease: Lease, isRetry: Bool) {
        target.withLock { $0 = lease.route.target }
        metrics.observe(.queueWait, model, seconds: lease.route.waited.seconds)
        if isRetry {
            metrics.add(.retries, model)
        }
    }

    /// An attempt is over: gives its slot back.
    func end(_ lease: Lease, _ outcome: Outcome) {
        lease.end(outcome)
        metrics.add(.attempts, model, "\(lease.route.target)", outcome.name)
    }

    /// There is to be no other attempt, since too many requests are at it.
    func refusesRetry() {
        metrics.add(.retriesRefused, model)
    }

    /// A target has read so many tokens, and made no text of them.
    func read(_ tokens: Int, by target: TargetID) {
        metrics.add(.promptTokens, model, "\(target)", amount: Double(tokens))
    }

    /// The request is over.
    func ended(_ outcome: String) {
        let target = target.withLock { $0.map { "\($0)" } } ?? ""
        metrics.observe(
            .requestDuration, model, operation.rawValue, target, outcome, seconds: start.duration(to: .now).seconds)
    }
}

extension Outcome {
    /// How an attempt ended, in a word or two, as metrics name it.
    var name: String {
        switch self {
        case .answered: "answered"
        case .failed(let error): error.reason
        case .abandoned: "abandoned"
        }
    }
}
