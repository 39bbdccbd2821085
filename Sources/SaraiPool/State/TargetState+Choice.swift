import SaraiCore

/// Which target of a model a request gets.
extension PoolState.Model {
    /// The targets in order of preference. Servers of one tier are equals: those that have the model in memory come first,
    /// of these the one with the least outstanding requests for its capacity.
    var inOrder: [TargetState] {
        guard targets.count > 1 else {
            return targets
        }
        func share(_ target: TargetState) -> Double {
            target.remote == nil ? 0 : Double(target.inFlight) / Double(max(1, target.capacity))
        }
        func coldness(_ target: TargetState) -> Int {
            target.remote.map { $0.isLoaded ? 0 : 1 } ?? 0
        }
        // The place decides between equals, so the order is always the same.
        return targets.enumerated().sorted { one, other in
            (one.element.tier, coldness(one.element), share(one.element), one.offset)
                < (other.element.tier, coldness(other.element), share(other.element), other.offset)
        }.map(\.element)
    }
}

extension TargetState {
    /// Whether a server takes one more request.
    enum Availability {
        case free
        /// All its slots are taken.
        case busy
        /// It takes none, and why.
        case none(Exclusion)
    }

    /// Whether a remote target takes one more request now.
    func availability(now: Instant) -> Availability {
        guard let remote else {
            return .none(Exclusion(reason: "local", message: "is a local target"))
        }
        if remote.isResting(now: now) {
            return .none(Exclusion(reason: "overloaded", message: "asked to be left alone for a while"))
        }
        if remote.breaker.admits(inFlight: inFlight, capacity: capacity, now: now) {
            return .free
        }
        if let reason = remote.breaker.report(now: now).reason {
            return .none(Exclusion(reason: "down", message: reason))
        }
        // Others answer what it may not have yet.
        return inFlight < capacity
            ? .none(Exclusion(reason: "recovering", message: "gets its requests back one by one")) : .busy
    }

    /// Whether a request sent here would be answered, perhaps after a load.
    func canServe(now: Instant) -> Bool {
        switch phase {
        case .remote:
            if case .none = availability(now: now) { false } else { true }
        case .ready, .unloaded, .inspecting, .loading: true
        case .suspect, .draining, .backingOff, .failed: false
        }
    }

    /// Whether a remote target that takes no request now will soon: it asked to be left alone for a while, or is coming back.
    func isWorthWaiting(now: Instant) -> Bool {
        guard let remote else {
            return false
        }
        if case .open = remote.breaker.state {
            return false
        }
        return true
    }
}
