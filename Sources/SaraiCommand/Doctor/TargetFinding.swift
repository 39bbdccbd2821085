import SaraiCore

/// What is to be said of one target, before it is known whether another can stand in for it.
struct TargetFinding {
    /// How it is by itself.
    enum Condition {
        case good, doubtful
        /// It does not serve. `isTolerable`: the configuration says that it need not.
        case broken(isTolerable: Bool)

        /// Whether requests are answered there.
        var serves: Bool {
            if case .broken = self { false } else { true }
        }
    }

    /// `server of solar`, `model solar`.
    let name: String
    /// What others call it when it stands in.
    let place: String
    /// For programs.
    let facts: TargetFacts
    /// How it is.
    var condition = Condition.good
    /// What was found.
    var lines: [String] = []
    /// What to do.
    var advice: String?

    /// The finding in its final form.
    ///
    /// - Parameter standIn: the place of a target that answers instead; `nil` if there is none.
    /// - Returns: the check, which fails only if nobody answers instead.
    func check(standIn: String?) -> Check {
        let status: Check.Status =
            switch condition {
            case .good: .ok
            case .doubtful, .broken(isTolerable: true): .warn
            case .broken(isTolerable: false): standIn == nil ? .fail : .warn
            }
        let others = condition.serves ? nil : standIn.map { "Meanwhile \($0) answers." }
        let words = [advice, others].compactMap(\.self)
        return Check(
            name: name, status: status, message: lines.joined(separator: "\n"),
            advice: words.isEmpty ? nil : words.joined(separator: " "), target: facts)
    }
}
