import SaraiCore

/// Chooses which loaded models make room for another: those that are cheapest to bring back, all in one step.
struct Victims {
    /// A loaded target that may be unloaded.
    struct Candidate: Hashable {
        let id: TargetID
        /// What its end would free.
        let charge: MemorySize
        /// Whether its end would make room for another text model.
        let isLLM: Bool
        /// Whether it must finish answers first.
        let isBusy: Bool
        /// Whether it has its place in the plan; others are there only while nobody misses the memory.
        let isPlanned: Bool
        /// What loading it again would take.
        let reload: Duration
        /// When it was last needed.
        let lastUsed: ContinuousClock.Instant
    }

    /// Idle before busy, then those that the plan left out, then the cheapest to bring back, then the longest unused.
    private let candidates: [Candidate]

    init(_ candidates: [Candidate]) {
        self.candidates = candidates.sorted { one, other in
            (one.rank, one.reload, one.lastUsed, one.id.description)
                < (other.rank, other.reload, other.lastUsed, other.id.description)
        }
    }

    /// The targets to unload so that `shortage` bytes and `llms` text models become free; `nil` if all are not enough.
    func chosen(for shortage: MemorySize, llms: Int) -> [TargetID]? {
        var chosen: [Candidate] = []
        for candidate in candidates where !suffice(chosen, shortage, llms) {
            if candidate.isLLM || chosen.freed < shortage {
                chosen.append(candidate)
            }
        }
        guard suffice(chosen, shortage, llms) else {
            return nil
        }
        // A large one that came last may have made smaller ones before it needless: those that cost most go first.
        for candidate in chosen.reversed() {
            let others = chosen.filter { $0 != candidate }
            if suffice(others, shortage, llms) {
                chosen = others
            }
        }
        return chosen.map(\.id)
    }

    private func suffice(_ chosen: [Candidate], _ shortage: MemorySize, _ llms: Int) -> Bool {
        chosen.freed >= shortage && chosen.count(where: \.isLLM) >= llms
    }
}

extension Victims.Candidate {
    fileprivate var rank: Int {
        (isBusy ? 2 : 0) + (isPlanned ? 1 : 0)
    }
}

extension [Victims.Candidate] {
    fileprivate var freed: MemorySize {
        reduce(.zero) { $0 + $1.charge }
    }
}
