package import SaraiCore

/// Which targets are in memory together, what they take, and whether that fits.
///
/// A pure function of its inputs: the same models, budget and machine give the same plan.
package struct MemoryPlan: Hashable, Sendable {
    /// What the plan decides for one target.
    package enum Placement: Hashable, Sendable {
        /// On another machine.
        case remote
        /// In this machine's memory.
        case resident
        /// Not loaded; the reason, for a person.
        case leftOut(String)
        /// Needed, but there is no way; the reason, for a person.
        case impossible(String)
    }

    /// One target of the plan.
    package struct Line: Hashable, Sendable {
        /// The model and its target, as they were given.
        package let model: PlannedModel
        /// What the plan decides.
        package let placement: Placement

        /// The memory that the target takes if it is loaded; nothing for a remote one, or where it is not known.
        package var footprint: Footprint {
            guard case .local(let footprint) = model.prediction else {
                return .zero
            }
            return footprint
        }

        /// The memory that the plan counts for the target.
        package var counted: Footprint {
            placement == .resident ? footprint : .zero
        }
    }

    /// A line per target, in the order given.
    package let lines: [Line]
    /// What all models together may take.
    package let budget: MemorySize
    /// The machine that the plan is for.
    package let machine: MachineMemory
    /// Whether everything that is needed can be in memory together.
    package let fits: Bool
    /// What a person should know: what does not fit and by how much, what was left out and why.
    package let messages: [String]

    /// The memory of all targets that are loaded, those that are needed but do not fit included.
    package var total: Footprint {
        lines.reduce(.zero) { $0 + $1.counted }
    }

    /// What the models may take at most: the budget, or the machine where that is smaller.
    package var ceiling: MemorySize {
        min(budget, machine.usable)
    }

    /// What is left below the ceiling; negative by as much as is missing.
    package var headroom: MemorySize {
        ceiling - total.resident
    }
}
