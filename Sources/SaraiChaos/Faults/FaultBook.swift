/// The faults that are set, and how often each has been met.
///
/// A value without clock or I/O; what is random comes from the seed.
package struct FaultBook: Sendable {
    /// What clients find at the port.
    package enum Port: Hashable, Sendable {
        /// Connections are accepted.
        case open
        /// Connections are refused.
        case refused
        /// Connections are not answered.
        case unreachable
    }

    private struct Entry: Sendable {
        let fault: Fault
        var matches = 0
        var uses = 0
    }

    private var entries: [Entry] = []
    private var random: SplitMix64

    /// A book with the given faults.
    package init(_ faults: [Fault] = [], seed: UInt64) {
        entries = faults.map { Entry(fault: $0) }
        random = SplitMix64(seed: seed)
    }

    /// The faults that are set. Setting them starts their counts anew; the random numbers go on.
    package var faults: [Fault] {
        get { entries.map(\.fault) }
        set { entries = newValue.map { Entry(fault: $0) } }
    }

    /// What clients find at the port. `refuse` goes before `unreachable`.
    package var port: Port {
        if entries.contains(where: { $0.fault.effect == .refuse }) {
            return .refused
        }
        return entries.contains { $0.fault.effect == .unreachable } ? .unreachable : .open
    }

    /// Counts a connection.
    ///
    /// - Returns: the faults that it meets.
    package mutating func meetConnection() -> [Fault] {
        meet { $0.trigger == .accept && $0.effect.kind != .port }
    }

    /// Counts a request.
    ///
    /// - Parameters:
    ///   - method: the method.
    ///   - path: the path without its query.
    /// - Returns: the faults that it meets.
    package mutating func meetRequest(method: String, path: String) -> [Fault] {
        meet { fault in
            fault.trigger != .accept && (fault.filter.includesAllMethods || method == "POST")
                && (fault.filter.path ?? path) == path
        }
    }

    private mutating func meet(_ matches: (Fault) -> Bool) -> [Fault] {
        var met: [Fault] = []
        for index in entries.indices where matches(entries[index].fault) {
            let filter = entries[index].fault.filter
            entries[index].matches += 1
            guard entries[index].matches.isMultiple(of: filter.every), entries[index].uses < filter.times ?? .max,
                filter.probability == 1 || Double.random(in: 0..<1, using: &random) < filter.probability
            else {
                continue
            }
            entries[index].uses += 1
            met.append(entries[index].fault)
        }
        return met
    }
}
