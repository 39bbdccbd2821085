/// How the mock behaves. Times are milliseconds.
package struct MockOptions: Hashable, Sendable {
    /// The models that it has.
    package var models = ["mock"]
    /// Pieces of the whole answer.
    package var chunks = 64
    /// Bytes that a piece has at least.
    package var chunkBytes = 0
    /// Time before the first byte of an answer.
    package var timeToFirstToken = 0
    /// Time between two pieces.
    package var interval = 0
    /// Share of POST requests that get a 500, 0…1.
    package var failureRate = 0.0
    /// Share of POST requests that are turned away, 0…1.
    package var overloadRate = 0.0
    /// What those get that are turned away: 429 or 503.
    package var overloadStatus = 503
    /// Seconds for the Retry-After header of those.
    package var retryAfter: Int?
    /// Pieces after which every stream is reset.
    package var resetAfter: Int?
    /// Time before a new connection is read from.
    package var slowAccept = 0
    /// Decides which requests fail.
    package var seed: UInt64 = 0

    /// A mock that does everything right, at once.
    package init() {}

    /// What happens to a POST request instead of an answer.
    enum Mishap {
        case failure
        case overload
    }

    /// What happens to the POST request with this number; `nil` if it is answered.
    func mishap(ofRequest number: UInt64) -> Mishap? {
        guard failureRate + overloadRate > 0 else {
            return nil
        }
        var random = SplitMix64(seed: seed &+ number)
        let draw = Double.random(in: 0..<1, using: &random)
        if draw < failureRate {
            return .failure
        }
        return draw < failureRate + overloadRate ? .overload : nil
    }
}
