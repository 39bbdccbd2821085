package import SaraiCore
package import SaraiMemory

extension PoolEvent {
    /// What kind of thing happened. The raw value is the name that clients see.
    package enum Kind: String, Codable, CaseIterable, Sendable {
        case loading, ready, unloaded, evicted, failed, killed
        case failingOver = "failing_over"
        case resumed, ejected
        case halfOpen = "half_open"
        case recovered, overloaded, pressure
        case selfProbe = "self_probe"
        case step, reloaded, draining, missed
    }

    /// What happened. Made by the functions named after the kinds, which say what each kind has.
    package struct Body: Codable, Hashable, Sendable {
        /// What kind of thing happened.
        package let kind: Kind
        /// The model concerned.
        package var model: String?
        /// The target concerned: `solar/gguf_native`.
        package var target: String?
        /// The target that a request leaves.
        package var from: String?
        /// The target that a request goes to.
        package var to: String?
        /// The model that needs the room.
        package var beneficiary: String?
        /// Why, for a person.
        package var reason: String?
        /// The share of a load that is done, 0…1.
        package var progress: Double?
        /// How long it took, or how long it will last.
        package var seconds: Double?
        /// Characters of the answer that the client had already.
        package var characters: Int?
        /// How many: of waiting requests, of missed events.
        package var count: Int?
        /// How short of memory the machine is.
        package var level: PressureLevel?
        /// Whether a check succeeded.
        package var ok: Bool?
        /// Whether a worker ended for want of memory.
        package var memory: Bool?
        /// What a new configuration changed, for a person.
        package var changes: String?
        /// The pipeline that a step belongs to.
        package var pipeline: String?
        /// The step of a pipeline that is over.
        package var step: String?
        /// How that step ended.
        package var outcome: StepReport.Outcome?
        /// The request concerned, by the id that its client knows.
        package var request: String?

        /// A body of which the rest is still to be filled in.
        init(_ kind: Kind) {
            self.kind = kind
        }

        private enum CodingKeys: String, CodingKey {
            case kind, model, target, from, to, reason, progress, seconds, characters, count, level, ok, memory, changes
            case pipeline, step, outcome
            case request = "request_id"
            case beneficiary = "for"
        }
    }
}
