import SaraiMemory

/// The kernel's counts of kills for want of memory at one moment, to be compared with those after a worker's end.
struct MemoryKills: Hashable {
    private let machine: Int?
    private let group: Int?

    /// The counts of now.
    ///
    /// - Parameter group: the worker's cgroup, where it has one.
    init(group: ControlGroup?) {
        self.init(machine: OutOfMemoryKills.count(), group: group?.outOfMemoryKills)
    }

    /// Counts of another time.
    init(machine: Int?, group: Int?) {
        self.machine = machine
        self.group = group
    }

    /// What the counts of now say about a worker that was killed since.
    func evidence(group: ControlGroup?) -> WorkerExit.MemoryEvidence {
        evidence(now: MemoryKills(group: group))
    }

    /// What later counts say about a worker that was killed in between.
    func evidence(now: MemoryKills) -> WorkerExit.MemoryEvidence {
        if let count = now.group, count > group ?? 0 {
            return .killedByLimit
        }
        if let before = machine, let count = now.machine, count > before {
            return .killedWithMachine
        }
        return .none
    }
}
