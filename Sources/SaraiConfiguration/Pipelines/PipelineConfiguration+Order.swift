extension PipelineConfiguration {
    /// An order in which steps can run, or why there is none.
    enum Order: Equatable {
        /// None uses what comes after it.
        case steps([PipelineStep])
        /// The names of steps each of which needs the next; the last is the first again.
        case cycle([String])
    }

    /// An order in which the steps can run, as near to the given one as possible.
    func order() -> Order {
        let needed = Dictionary(steps.map { ($0.name, inputs(of: $0)) }) { first, _ in first }
        func needs(_ step: PipelineStep, _ other: PipelineStep) -> Bool {
            needed[step.name]?.contains(other.name) == true
        }
        var ordered: [PipelineStep] = [], waiting = steps
        while let next = waiting.firstIndex(where: { step in !waiting.contains { needs(step, $0) } }) {
            ordered.append(waiting.remove(at: next))
        }
        // Each step that still waits needs another that does: whoever follows them comes back to where they were.
        var path = Array(waiting.prefix(1))
        while let last = path.last, let next = waiting.first(where: { needs(last, $0) }) {
            if let start = path.firstIndex(where: { $0.name == next.name }) {
                return .cycle((path[start...] + [next]).map(\.name))
            }
            path.append(next)
        }
        return .steps(ordered)
    }
}
