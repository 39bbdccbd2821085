package import SaraiCore

/// Who holds how much of the memory budget.
///
/// A load reserves before it starts. From then on the target is charged with what was predicted for it or the most that
/// was measured, whichever is larger: a reservation never shrinks because a model happens to be idle. What the plan has
/// found to fit together is held from the start, loaded or not: the copy of a server's model finds its memory when the
/// server goes away, whatever was loaded meanwhile.
///
/// Pure: nothing here measures or waits.
package struct MemoryLedger: Hashable, Sendable {
    /// What one target holds.
    package struct Reservation: Hashable, Sendable {
        /// What was predicted before the load.
        package internal(set) var predicted: MemorySize
        /// The most that was measured since.
        package internal(set) var measuredPeak: MemorySize?
        /// Whether the target counts towards the number of text models.
        package let isLLM: Bool
        /// Whether there is a worker, or one on its way.
        package internal(set) var isLoaded: Bool
        /// Whether the memory stays the target's when it is not loaded.
        package internal(set) var isHeld: Bool

        /// What the budget is charged with.
        package var charge: MemorySize {
            max(predicted, measuredPeak ?? .zero)
        }
    }

    /// What all targets and the daemon may hold.
    package var budget: MemorySize
    /// Text models that may be loaded at the same time. Embedding models do not count.
    package var maxConcurrentLLMs: Int
    /// What the daemon itself takes.
    package var daemon: MemorySize = .zero
    /// What each target holds.
    package private(set) var reservations: [TargetID: Reservation] = [:]

    /// A ledger in which nothing is reserved.
    package init(budget: MemorySize, maxConcurrentLLMs: Int) {
        self.budget = budget
        self.maxConcurrentLLMs = maxConcurrentLLMs
    }

    /// What all targets and the daemon are charged with.
    ///
    /// Above the budget only where a measurement has shown that a prediction was too low.
    package var charged: MemorySize {
        reservations.values.reduce(daemon) { $0 + $1.charge }
    }

    /// What is left; never negative.
    package var free: MemorySize {
        max(.zero, budget - charged)
    }

    /// By how much the budget is exceeded; zero if it is not.
    package var excess: MemorySize {
        max(.zero, charged - budget)
    }

    /// Text models that hold a reservation.
    package var llmCount: Int {
        reservations.values.count { $0.isLLM }
    }

    /// Holds memory for targets that are meant to be there together, in place of what was held before.
    ///
    /// What is loaded keeps what it has. A target that does not fit beside it, because the plan has changed since the
    /// load, is not held.
    ///
    /// - Parameter targets: the targets of a plan that fits, with their predicted footprints.
    package mutating func hold(_ targets: [(id: TargetID, bytes: MemorySize, isLLM: Bool)]) {
        reservations = reservations.filter(\.value.isLoaded)
        for id in reservations.keys {
            reservations[id]?.isHeld = false
        }
        for target in targets {
            if reservations[target.id] == nil {
                guard refusal(of: target.id, bytes: target.bytes, isLLM: target.isLLM) == nil else {
                    continue
                }
                reservations[target.id] = Reservation(
                    predicted: target.bytes, isLLM: target.isLLM, isLoaded: false, isHeld: true)
            }
            reservations[target.id]?.isHeld = true
        }
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
    ///   - isHeld: whether the memory stays the target's after its end.
    /// - Throws: a refusal with numbers. Nothing is changed then.
    package mutating func reserve(
        _ target: TargetID, bytes: MemorySize, isLLM: Bool, isHeld: Bool = false
    ) throws(LedgerRefusal) {
        if let refusal = refusal(of: target, bytes: bytes, isLLM: isLLM) {
            throw refusal
        }
        let held = reservations[target]
        reservations[target] = Reservation(
            predicted: bytes, measuredPeak: held?.measuredPeak, isLLM: isLLM, isLoaded: true,
            isHeld: isHeld || held?.isHeld == true)
    }

    /// Stops holding memory for a target when it is not loaded.
    package mutating func giveUp(_ target: TargetID) {
        reservations[target]?.isHeld = false
        if reservations[target]?.isLoaded == false {
            reservations[target] = nil
        }
    }

    /// Why a target could not be loaded now, with numbers; `nil` if it could.
    package func refusal(of target: TargetID, bytes: MemorySize, isLLM: Bool) -> LedgerRefusal? {
        let held = reservations[target]
        let others = llmCount - (held?.isLLM == true ? 1 : 0)
        guard !isLLM || others < maxConcurrentLLMs else {
            return tooMany(target)
        }
        let needs = max(bytes, held?.measuredPeak ?? .zero)
        let available = budget - (charged - (held?.charge ?? .zero))
        // What was measured already is no reason to refuse a target that stays as it is.
        guard needs <= max(available, held?.charge ?? .zero) else {
            return overBudget(target, needs: needs, available: max(.zero, available))
        }
        return nil
    }

    /// Takes a measurement of a loaded target into account.
    ///
    /// A target that is not loaded is ignored, since a measurement may arrive after an unload.
    package mutating func correct(_ target: TargetID, measured: MemorySize) {
        guard var reservation = reservations[target], reservation.isLoaded else {
            return
        }
        reservation.measuredPeak = max(reservation.measuredPeak ?? .zero, measured)
        reservations[target] = reservation
    }

    /// Gives a target's memory back, after its process has ended; what is held for it stays held.
    ///
    /// - Returns: what others can have now: the charge, or nothing if it stays held.
    @discardableResult
    package mutating func release(_ target: TargetID) -> MemorySize {
        guard let reservation = reservations[target] else {
            return .zero
        }
        guard reservation.isHeld else {
            reservations[target] = nil
            return reservation.charge
        }
        reservations[target]?.isLoaded = false
        return .zero
    }
}
