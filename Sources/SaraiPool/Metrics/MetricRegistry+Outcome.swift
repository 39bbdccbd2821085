import SaraiCore
package import SaraiMetrics

extension MetricRegistry {
    /// How a request ended, as metrics name it: `answered`, or the code of the error that its client gets.
    package static func outcome<Answer>(of result: Result<Answer, any Error>) -> String {
        switch result {
        case .success: "answered"
        case .failure(let error as PoolError): error.code.rawValue
        case .failure(is CancellationError): PoolError.Code.cancelled.rawValue
        case .failure: PoolError.Code.unavailable.rawValue
        }
    }
}
