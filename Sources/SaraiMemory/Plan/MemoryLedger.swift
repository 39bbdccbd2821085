package import SaraiCore

/// Who holds how much of the memory budget.
///
/// A load reserves before it starts. From then on the target is charged with what was predicted for it or the most that
/// was measured, whichever is larger: a reservation never shrinks because a model happens to be idle.
///
/// Pure: nothing here measures or waits.
package struct MemoryLedger: Hashable, Sendable {
    /// What one target holds.
    package struct Reservation: Hashable, Sendable {
        /// What was predicted before the load.
        package var predicted: MemorySize
        /// The most that was measured since.
        package var measuredPeak: MemorySize?
        /// Whether the target counts towards the number of text models.
        package let isLLM: Bool

        /// What the budget is charged with.
        package var charge: MemorySize {
            max(predicted, measuredPeak ?? .zero)
        }
    }

    /// What all targets together may hold.
    package let budget: MemorySize
    /// Text models that may be loaded at the same time. Embedding models do not count.
    package let maxConcurrentLLMs: Int
    /// What each target holds.
    package private(set) var reservations: [TargetID: Reservation] = [:]

    /// A ledger in which nothing is reserved.
    package init(budget: MemorySize, maxConcurrentLLMs: Int) {
        self.budget = budget
        self.maxConcurrentLLMs = maxConcurrentLLMs
    }

    /// What all targets together are charged with.
    ///
    /// Above the budget only where a measurement has shown that a prediction was too low.
    package var charged: MemorySize {
        reservations.values.reduce(.zero) { $0 + $1.charge }
    }

    /// What is left; never negative.
    package var free: MemorySize {
        max(.zero, budget - charged)
    }

    /// Text models that hold a reservation.
    package var llmCount: Int {
        reservations.values.count { $0.isLLM }
    }

    /// Reserves memory for a target, before its load starts.
    ///
    /// For a target that holds a reservation already this changes the predicted size, if the budget allows that, and
    /// what was measured stays.
    ///
    /// - Parameters:
    ///   - target: the target to load.
    ///   - bytes: its predicted footprint, resident. Never negative.
    ///   - isLLM: whether it counts towards ``maxConcurrentLLMs``.
    /// - Throws: a refusal with numbers. Nothing is changed then.
    package mutating func reserve(_ target: TargetID, bytes: MemorySize, isLLM: Bool) throws(LedgerRefusal) {
        let held = reservations[target]
        let others = reservations.values.count { $0.isLLM } - (held?.isLLM == true ? 1 : 0)
        guard !isLLM || others < maxConcurrentLLMs else {
            throw tooMany(target)
        }
        let reservation = Reservation(predicted: bytes, measuredPeak: held?.measuredPeak, isLLM: isLLM)
        let available = budget - (charged - (held?.charge ?? .zero))
        // What was measured already is no reason to refuse a target that stays as it is.
        guard reservation.charge <= max(available, held?.charge ?? .zero) else {
            throw overBudget(target, needs: reservation.charge, available: max(.zero, available))
        }
        reservations[target] = reservation
    }

    /// Takes a measurement of a loaded target into account.
    ///
    /// - Returns: by how much the budget is exceeded now; zero if it is not. A target without a reservation is ignored,
    ///   since a measurement may arrive after an unload.
    package mutating func correct(_ target: TargetID, measured: MemorySize) -> MemorySize {
        if var reservation = reservations[target] {
            reservation.measuredPeak = max(reservation.measuredPeak ?? .zero, measured)
            reservations[target] = reservation
        }
        return max(.zero, charged - budget)
    }

    /// Gives a target's memory back, after its process has ended.
    ///
    /// - Returns: what it was charged with; zero if it held nothing.
    @discardableResult
    package mutating func release(_ target: TargetID) -> MemorySize {
        reservations.removeValue(forKey: target)?.charge ?? .zero
    }
}
