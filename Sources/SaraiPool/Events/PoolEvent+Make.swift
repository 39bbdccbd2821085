package import SaraiCore
package import SaraiMemory

extension PoolEvent.Body {
    /// A local target's worker is on its way; `progress` is the share of the load that is done, 0…1.
    package static func loading(_ target: TargetID, progress: Double) -> Self {
        var body = Self(.loading, target)
        body.progress = progress.rounded(to: 3)
        return body
    }

    /// A local target answers, `took` after its load began.
    package static func ready(_ target: TargetID, took: Duration) -> Self {
        var body = Self(.ready, target)
        body.seconds = took.seconds.rounded(to: 3)
        return body
    }

    /// A local target's worker has ended as it was told to.
    package static func unloaded(_ target: TargetID, reason: String) -> Self {
        Self(.unloaded, target, reason)
    }

    /// A step of a pipeline is over.
    package static func step(_ report: StepReport, of pipeline: String, request: RequestID? = nil) -> Self {
        var body = Self(.step)
        body.request = request?.rawValue
        body.pipeline = pipeline
        body.step = report.name
        body.outcome = report.outcome
        body.target = report.by
        body.reason = report.reason
        body.seconds = report.seconds.rounded(to: 3)
        return body
    }

    /// A local target was told to end so that another model fits; `nil` where the machine itself is short of memory.
    package static func evicted(_ target: TargetID, for beneficiary: ModelName?) -> Self {
        var body = Self(.evicted, target)
        body.beneficiary = beneficiary?.rawValue
        return body
    }

    /// A local target could not be started, or is given up for now.
    package static func failed(_ target: TargetID, reason: String) -> Self {
        Self(.failed, target, reason)
    }

    /// A local target's worker ended unasked; `reason` says how, and `isForMemory` whether it lacked memory.
    package static func killed(_ target: TargetID, reason: String, isForMemory: Bool) -> Self {
        var body = Self(.killed, target, reason)
        body.memory = isForMemory
        return body
    }

    /// A request goes on to another target before its client has seen anything.
    package static func failingOver(
        from: TargetID, to: TargetID, reason: String, request: RequestID? = nil
    ) -> Self {
        var body = Self(.failingOver, from: from, to: to)
        body.request = request?.rawValue
        body.reason = reason
        return body
    }

    /// An answer goes on at another target, after `characters` of it were sent.
    package static func resumed(
        from: TargetID, to: TargetID, characters: Int, request: RequestID? = nil
    ) -> Self {
        var body = Self(.resumed, from: from, to: to)
        body.request = request?.rawValue
        body.characters = characters
        return body
    }

    /// A server gets no requests for so long.
    package static func ejected(_ target: TargetID, reason: String, for duration: Duration) -> Self {
        var body = Self(.ejected, target, reason)
        body.seconds = duration.seconds.rounded(to: 3)
        return body
    }

    /// An ejected server gets one request, to see how it does.
    package static func halfOpen(_ target: TargetID) -> Self {
        Self(.halfOpen, target)
    }

    /// An ejected server serves again.
    package static func recovered(_ target: TargetID) -> Self {
        Self(.recovered, target)
    }

    /// A request was refused because so many wait for the model already.
    package static func overloaded(_ model: ModelName, waiting count: Int) -> Self {
        var body = Self(.overloaded)
        body.model = model.rawValue
        body.count = count
        return body
    }

    /// The machine is now so short of memory.
    package static func pressure(_ level: PressureLevel) -> Self {
        var body = Self(.pressure)
        body.level = level
        return body
    }

    /// A twin was asked for a token to see whether it would answer; `failure` is why it did not.
    package static func selfProbe(_ target: TargetID, took: Duration, failure: String? = nil) -> Self {
        var body = Self(.selfProbe, target, failure)
        body.ok = failure == nil
        body.seconds = took.seconds.rounded(to: 3)
        return body
    }

    /// A new configuration is in force.
    package static func reloaded(changes: String) -> Self {
        var body = Self(.reloaded)
        body.changes = changes
        return body
    }

    /// The daemon takes no new requests and ends when the running ones are answered.
    package static var draining: Self { Self(.draining) }

    /// A reader was too slow, or came too late, for so many events. Only in its own stream.
    static func missed(_ count: Int) -> Self {
        var body = Self(.missed)
        body.count = count
        return body
    }

    private init(_ kind: PoolEvent.Kind, _ target: TargetID, _ reason: String? = nil) {
        self.init(kind)
        model = target.model.rawValue
        self.target = "\(target)"
        self.reason = reason
    }

    private init(_ kind: PoolEvent.Kind, from: TargetID, to: TargetID) {
        self.init(kind)
        model = to.model.rawValue
        self.from = "\(from)"
        self.to = "\(to)"
    }
}
