import Logging
import SaraiCore
import SaraiMemory

extension PoolEvent.Kind {
    /// The sentence that log lines of the kind have in common.
    var sentence: Logger.Message {
        switch self {
        case .loading: "model loading"
        case .ready: "model ready"
        case .unloaded: "model unloaded"
        case .evicted: "model evicted"
        case .failed: "model cannot be started"
        case .killed: "worker ended unasked"
        case .failingOver: "request fails over"
        case .resumed: "answer resumed elsewhere"
        case .ejected: "target ejected"
        case .halfOpen: "target is tried again"
        case .recovered: "target recovered"
        case .overloaded: "request refused for want of room"
        case .pressure: "memory pressure changed"
        case .selfProbe: "target probed"
        case .step: "pipeline step over"
        case .reloaded: "configuration reloaded"
        case .draining: "daemon draining"
        case .missed: "events missed"
        }
    }
}

extension PoolEvent.Body {
    /// How much an operator needs to know of it: errors need somebody, warnings cost requests or soon will.
    var logLevel: Logger.Level {
        switch kind {
        case .failed, .killed: .error
        case .failingOver, .resumed, .ejected, .overloaded: .warning
        case .pressure: level == .calm ? .notice : .warning
        case .selfProbe: ok == true ? .debug : .warning
        case .step: outcome == .failed ? .warning : .info
        case .recovered, .reloaded, .draining: .notice
        case .ready, .unloaded, .evicted, .halfOpen: .info
        case .loading, .missed: .debug
        }
    }
}

extension PoolEvent {
    /// The event's members for a log line, under the names that they have in JSON.
    var metadata: Logger.Metadata {
        let members: [(String, (any CustomStringConvertible)?)] = [
            ("event", id), ("model", body.model), ("target", body.target), ("from", body.from), ("to", body.to),
            ("for", body.beneficiary), ("reason", body.reason), ("progress", body.progress),
            ("seconds", body.seconds), ("characters", body.characters), ("count", body.count),
            ("level", body.level?.rawValue), ("ok", body.ok), ("memory", body.memory), ("changes", body.changes),
            ("pipeline", body.pipeline), ("step", body.step), ("outcome", body.outcome?.rawValue),
            ("request_id", body.request),
        ]
        return Logger.Metadata(
            uniqueKeysWithValues: members.compactMap { name, value in value.map { (name, "\($0)") } })
    }
}
