package import SaraiCore

/// A model as the plan sees it: one target, and what that would take.
package struct PlannedModel: Sendable {
    /// Where the target's memory is.
    package enum Source: Sendable {
        /// Served by another machine: takes nothing here.
        case remote
        /// Served here.
        case local(LocalCandidate)
        /// Served here, but how much it takes cannot be said: the file is missing or broken. Holds the reason.
        case unknown(String)
    }

    /// Whether a server could answer in place of the local target.
    package enum Server: Hashable, Sendable {
        /// None is configured.
        case none
        /// The local target stands in for it.
        case preferred
        /// One is configured, but this plan does without it.
        case unused
    }

    /// The model's name.
    package var name: ModelName
    /// The target that is planned for it.
    package var target: TargetID
    /// Where that is, and what it takes.
    package var source: Source
    /// Whether the plan may leave it out where it does not fit.
    package var isBestEffort: Bool
    /// Whether it is always kept, best effort or not.
    package var isPinned: Bool
    /// Whether it counts towards the number of text models.
    package var isLLM: Bool
    /// Whether a server could answer instead.
    package var server: Server

    /// A model with a target.
    package init(
        name: ModelName, target: TargetID, source: Source, isBestEffort: Bool = false, isPinned: Bool = false,
        isLLM: Bool = true, server: Server = .none
    ) {
        self.name = name
        self.target = target
        self.source = source
        self.isBestEffort = isBestEffort
        self.isPinned = isPinned
        self.isLLM = isLLM
        self.server = server
    }

    /// Whether the plan must keep it.
    var isNeeded: Bool {
        isPinned || !isBestEffort
    }

    /// How it may be loaded here; `nil` of a remote one, and of one whose file says nothing.
    var candidate: LocalCandidate? {
        guard case .local(let candidate) = source else {
            return nil
        }
        return candidate
    }
}
