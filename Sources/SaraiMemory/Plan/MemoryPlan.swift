package import SaraiCore

/// Which targets are in memory together, how they are loaded, what they take, and whether that fits.
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

    /// A setting that the plan chose.
    package struct Choice: Hashable, Sendable {
        /// Which.
        package let setting: PlanSetting
        /// What was chosen, as the configuration writes it.
        package let value: String
        /// Why, for a person.
        package let reason: String
        /// Whether this is what was asked for; `false` where the plan had to make the target smaller or found a faster way.
        package let isAsWanted: Bool
    }

    /// One target of the plan.
    package struct Line: Hashable, Sendable {
        /// The model's name.
        package let name: ModelName
        /// The target that is planned for it.
        package let target: TargetID
        /// What the plan decides.
        package let placement: Placement
        /// How it is loaded; `nil` of a remote target, and where the file says nothing.
        ///
        /// Of a target that is left out, how it is loaded when there is room for it after all.
        package let settings: LoadSettings?
        /// Why so.
        package let choices: [Choice]
        /// The memory that it takes if it is loaded so; nothing for a remote one, or where it is not known.
        package let footprint: Footprint

        /// The memory that the plan counts for the target.
        package var counted: Footprint {
            placement == .resident ? footprint : .zero
        }
    }

    /// A line per target, in the order given.
    package let lines: [Line]
    /// What all models and the daemon together may take.
    package let budget: MemorySize
    /// What the daemon itself takes of it.
    package let reserve: MemorySize
    /// The machine that the plan is for.
    package let machine: MachineMemory
    /// Whether everything that is needed can be in memory together.
    package let fits: Bool
    /// What a person should know: what does not fit and by how much, what was left out and why.
    package let messages: [String]
    /// What would make it fit, the most useful first. Empty where it fits.
    package let waysOut: [WayOut]

    /// The memory of all targets that are loaded, those that are needed but do not fit included; without the daemon's.
    package var total: Footprint {
        lines.reduce(.zero) { $0 + $1.counted }
    }

    /// What the models and the daemon may take at most: the budget, or the machine where that is smaller.
    package var ceiling: MemorySize {
        min(budget, machine.usable)
    }

    /// What is left below the ceiling; negative by as much as is missing.
    package var headroom: MemorySize {
        ceiling - reserve - total.resident
    }

    /// How a local target is to be loaded, whether memory is kept for it or not.
    ///
    /// - Returns: the settings; `nil` of a remote target, of one whose file says nothing, and of one that is not planned.
    package func settings(of target: TargetID) -> LoadSettings? {
        lines.first { $0.target == target }?.settings
    }
}
