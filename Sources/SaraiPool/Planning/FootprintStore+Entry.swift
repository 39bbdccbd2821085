import Foundation
package import SaraiMemory

extension FootprintStore {
    /// What is known of one way to load one model.
    package struct Entry: Codable, Hashable, Sendable {
        /// What the engine says it will allocate.
        package var buffers: EngineBuffers?
        /// The most that a worker was seen to take.
        package var peak: MeasuredMemory?
        /// Whether a full step was among what it was seen to do; `nil` as long as not.
        package var hasFullStep: Bool?
        /// Tokens per second that it generated alone, in a benchmark.
        package var speed: Double?
        /// When it was last of use.
        var used = Date.now

        /// Adds what was found out later: it replaces what was known, but of two peaks the larger stays, kind by kind.
        ///
        /// - Returns: whether any of it was not known before.
        @discardableResult
        mutating func add(_ news: Entry) -> Bool {
            let before = self
            buffers = news.buffers ?? buffers
            speed = news.speed ?? speed
            hasFullStep = news.hasFullStep ?? hasFullStep
            peak = news.peak.map { peak?.peak($0) ?? $0 } ?? peak
            guard self != before else {
                return false
            }
            used = max(used, news.used)
            return true
        }
    }
}
